import type { CommandDescription } from "../describe-commands.ts";

/** `datmo run ls`. */
export function lineOf({ words }: CommandDescription): string {
  return words.join(" ");
}

/** Names of every option of a command that is followed by a value. */
export function valueOptions(commands: readonly CommandDescription[]): string[] {
  const names = commands.flatMap(({ options }) =>
    options.filter(({ takesValue }) => takesValue).flatMap((option) => option.names),
  );
  return [...new Set(names)].sort();
}

/** In single quotes, as sh and zsh read them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
