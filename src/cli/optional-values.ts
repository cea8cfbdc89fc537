import type { Command, Option } from "commander";

/** Which words may be the value of an option whose value may be left out, by its long flag. */
export type OptionalValues = Readonly<Record<string, RegExp>>;

/**
 * Words in which every such option stands alone or with its value behind `=`: in `--gpu python train.py` the command
 * begins after the option. Only options before the first argument are looked at; what follows is a command's own.
 */
export function withSettledValues(
  command: Command,
  words: readonly string[],
  values: OptionalValues,
): string[] {
  const settled = [...words];
  for (let at = 0; at < settled.length; at++) {
    const word = settled[at] ?? "";
    if (word === "--" || !word.startsWith("-") || word === "-") break;
    const option = optionOf(command, word);
    if (option?.required) at++;
    if (!option?.optional) continue;
    const next = settled[at + 1];
    const isValue = next !== undefined && values[option.long ?? ""]?.test(next) === true;
    if (isValue) settled.splice(at, 2, `${word}=${next}`);
    else if (next !== undefined) settled.splice(at + 1, 0, ...guard(next));
  }
  return settled;
}

/** The option that takes its value from the next word; undefined when it has it, or needs none. */
function optionOf(command: Command, word: string): Option | undefined {
  return command.options.find(({ long, short }) => word === long || word === short);
}

/** A word that is no option would be taken for the value. */
function guard(next: string): string[] {
  return next.startsWith("-") ? [] : ["--"];
}
