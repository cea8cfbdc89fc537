import { basename } from "node:path";
import type { Command } from "../../../services/ports/drivers.ts";
import { findExecutable, type Variables } from "../../../util/executables.ts";
import { readHead } from "../regular-file.ts";

/** Programs that start the one named behind them. */
const WRAPPERS = new Set(["env", "exec", "command", "nohup", "time"]);

/**
 * The interpreter that a command starts: its program when that is a Python, or the one that the program's
 * first line names (`torchrun`, `pytest`, `./train.py`). Undefined when neither.
 */
export function pythonOfCommand(
  command: Command,
  variables: Variables,
  directory: string,
): string | undefined {
  const programs = command.kind === "argv" ? [programOf(command.argv)] : shellPrograms(command.text);
  for (const program of programs) {
    const path = program && findExecutable(program, variables, directory);
    if (!path) continue;
    if (isPythonName(program)) return path;
    const named = shebangPython(path);
    const found = named && findExecutable(named, variables, directory);
    if (found) return found;
  }
  return undefined;
}

/** The first word that is a program: behind assignments and wrappers. */
function programOf(words: readonly string[]): string | undefined {
  return words.find((word) => !/^[A-Za-z_]\w*=/.test(word) && !WRAPPERS.has(word));
}

/** The programs of a shell line's simple commands; words that the shell would change are left out. */
function shellPrograms(text: string): string[] {
  return text
    .split(/&&|\|\|?|[;&\n]/)
    .map((part) => programOf(part.trim().split(/\s+/)))
    .filter((word): word is string => word !== undefined && !/["'`$(){}<>*?~\\]/.test(word));
}

function isPythonName(program: string): boolean {
  return /^(?:python|pypy)[\d.]*(?:\.exe)?$/i.test(basename(program));
}

function shebangPython(path: string): string | undefined {
  const head = readHead(path, 512)?.toString("utf8") ?? "";
  const line = /^#![ \t]*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?/.exec(head);
  if (line === null) return undefined;
  // Where the path is too long or has spaces, pip writes a shell script that starts the interpreter.
  const relayed = /^'''exec' "?([^"\n]+?)"? "\$0"/m.exec(head)?.[1];
  const program = basename(line[1] ?? "") === "env" ? line[2] : (relayed ?? line[1]);
  return program !== undefined && isPythonName(program) ? program : undefined;
}
