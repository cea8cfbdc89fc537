import { basename, resolve } from "node:path";
import type { Command } from "../../../services/ports/drivers.ts";
import { findExecutable, type Variables } from "../../../util/executables.ts";
import { readHead } from "../regular-file.ts";
import { managedEnvironments } from "./environment-managers.ts";
import { pythonIn } from "./python-in.ts";

/** Programs that start the one named behind them. */
const WRAPPERS = new Set(["env", "exec", "command", "nohup", "time"]);

/**
 * The interpreter that a command starts: that of the environment in which it runs (`uv run`, `conda run -n x`,
 * `source x/bin/activate`), its program when that is a Python, or the one that the program's first line names
 * (`torchrun`, `pytest`, `./train.py`). Undefined when none.
 */
export function pythonOfCommand(
  command: Command,
  variables: Variables,
  directory: string,
): string | undefined {
  const commands = command.kind === "argv" ? [wordsOf(command.argv)] : shellCommands(command.text);
  for (const words of commands) {
    const [program = ""] = words;
    const environments = isActivation(words)
      ? [resolve(directory, (words[1] as string).replace(ACTIVATE, ""))]
      : managedEnvironments(words, variables, directory);
    const own = environments.map(pythonIn).find((python) => python !== undefined);
    if (own !== undefined) return own;
    const path = findExecutable(program, variables, directory);
    if (!path) continue;
    if (isPythonName(program)) return path;
    const named = shebangPython(path);
    const found = named && findExecutable(named, variables, directory);
    if (found) return found;
  }
  return undefined;
}

const ACTIVATE = /\/(?:bin|Scripts)\/activate$/;

/** `source x/bin/activate`: what follows in the line runs in that environment. */
function isActivation(words: readonly string[]): boolean {
  return /^(?:source|\.)$/.test(words[0] ?? "") && ACTIVATE.test(words[1] ?? "");
}

/** From the first word that is a program: behind assignments and wrappers. */
function wordsOf(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word) && !WRAPPERS.has(word));
  return at === -1 ? [] : words.slice(at);
}

/** A shell line's simple commands; those with a program that the shell would change are left out. */
function shellCommands(text: string): (readonly string[])[] {
  return text
    .split(/&&|\|\|?|[;&\n]/)
    .map((part) => wordsOf(part.trim().split(/\s+/)))
    .filter(([program = ""]) => program !== "" && !/["'`$(){}<>*?~\\]/.test(program));
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
