import type { CommandDescription } from "../describe-commands.ts";
import { lineOf, quoted, valueOptions } from "./words.ts";

/** Completes names of commands and options, and file names where neither is meant. */
export function bashCompletion(commands: readonly CommandDescription[]): string {
  const lines = commands.map(lineOf);
  const cases = commands.map(
    (command) =>
      `    ${quoted(lineOf(command))}) words=${quoted(command.children.map(({ name }) => name).join(" "))}; options=${quoted(optionNames(command))} ;;`,
  );
  return `# bash completion for datmo; put \`source <(datmo completion bash)\` into ~/.bashrc
_datmo() {
  local current=\${COMP_WORDS[COMP_CWORD]} line=datmo words options word skip= behind=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$skip" ]; then skip=; continue; fi
    case $word in
      ${valueOptions(commands).join("|")}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "$line $word" in
      ${lines.slice(1).map(quoted).join("|")}) line="$line $word" ;;
      *) behind=1; break ;;
    esac
  done
  case $line in
${cases.join("\n")}
  esac
  if [[ $current == -* ]]; then words=$options; elif [ -n "$behind" ]; then words=; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _datmo datmo
`;
}

function optionNames({ options }: CommandDescription): string {
  return options.flatMap(({ names }) => names).join(" ");
}
