import type { CommandDescription } from "../describe-commands.ts";
import { lineOf, valueOptions } from "./words.ts";

/** Completes names of commands and options with what they do, and file names where neither is meant. */
export function fishCompletion(commands: readonly CommandDescription[]): string {
  const lines = commands.slice(1).map((command) => quoted(lineOf(command)));
  return `# fish completion for datmo: datmo completion fish > ~/.config/fish/completions/datmo.fish
function __datmo_at
    set -l line datmo
    set -l skip ''
    for word in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip ''
            continue
        end
        switch $word
            case ${valueOptions(commands).join(" ")}
                set skip 1
                continue
            case '-*'
                continue
        end
        if contains -- "$line $word" ${lines.join(" ")}
            set line "$line $word"
        else
            test "$argv[2]" = first; and return 1
            break
        end
    end
    test "$line" = "$argv[1]"
end
${commands.flatMap(entries).join("\n")}
`;
}

function entries(command: CommandDescription): string[] {
  const at = `complete -c datmo -n ${quoted(`__datmo_at '${lineOf(command)}'`)}`;
  const first = `complete -c datmo -n ${quoted(`__datmo_at '${lineOf(command)}' first`)}`;
  const children = command.children.map(
    ({ name, summary }) => `${first} -f -a ${quoted(name)} -d ${quoted(summary)}`,
  );
  const options = command.options.map(({ names, description, takesValue, choices }) => {
    const flags = names.map((name) =>
      name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
    );
    const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : takesValue ? " -r" : "";
    return `${at} ${flags.join(" ")}${value} -d ${quoted(description)}`;
  });
  return [...children, ...options];
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
