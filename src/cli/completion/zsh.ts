import type { CommandDescription } from "../describe-commands.ts";
import { lineOf, quoted, valueOptions } from "./words.ts";

/** Completes names of commands and options with what they do, and file names where neither is meant. */
export function zshCompletion(commands: readonly CommandDescription[]): string {
  const lines = commands.map(lineOf);
  return `#compdef datmo
# zsh completion for datmo; put \`source <(datmo completion zsh)\` behind compinit in ~/.zshrc
_datmo() {
  local line=datmo word skip= behind=
  local -a words_ options_
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in
      (${valueOptions(commands).join("|")}) skip=1; continue ;;
      (-*) continue ;;
    esac
    case "$line $word" in
      (${lines.slice(1).map(quoted).join("|")}) line="$line $word" ;;
      (*) behind=1; break ;;
    esac
  done
  case $line in
${commands.map(caseOf).join("\n")}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe option options_
  elif [[ -z $behind ]] && (( \${#words_} )); then
    _describe command words_ || _files
  else
    _files
  fi
}
if [[ $funcstack[1] == _datmo ]]; then _datmo "$@"; else compdef _datmo datmo; fi
`;
}

function caseOf(command: CommandDescription): string {
  const children = command.children.map(({ name, summary }) => entry(name, summary));
  const options = command.options.flatMap(({ names, description }) =>
    names.map((name) => entry(name, description)),
  );
  return `    (${quoted(lineOf(command))}) words_=(${children.join(" ")}); options_=(${options.join(" ")}) ;;`;
}

/** \`name:what it does\`; a colon in the name is escaped. */
function entry(name: string, description: string): string {
  return quoted(`${name.replaceAll(":", "\\:")}:${description}`);
}
