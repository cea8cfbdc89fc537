import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { Missing, Questions } from "./diagnose.ts";
import type { InstallTool, ToolContext } from "./install-tool.ts";
import { lastLine } from "./pip-tool.ts";
import type { Requirement } from "./requirement-set.ts";
import { runTool, type ToolOutcome } from "./run-tool.ts";

const PROGRAMS = process.platform === "win32" ? "Scripts" : "bin";

/** uv, where the user has it: the same venv in a tenth of the time. */
export function uvTool(program: string, context: ToolContext): InstallTool {
  const uv = (words: readonly string[], output?: (text: string) => void): Promise<ToolOutcome> =>
    runTool({
      program,
      arguments: words,
      environment: { ...context.variables, VIRTUAL_ENV: undefined, UV_NO_PROGRESS: "1", NO_COLOR: "1" },
      directory: context.directory,
      ...(context.signal ? { signal: context.signal } : {}),
      ...(output ? { output } : {}),
    });
  const install = (venv: string): string[] => ["pip", "install", "--python", join(venv, PROGRAMS, "python")];

  return {
    name: "uv",
    async create(venv) {
      const python = context.interpreter.executable;
      const made = await uv(["venv", "--no-project", "--no-config", "--python", python, venv]);
      if (made.exitCode !== 0) {
        throw errors.VENV_FAILED({ reason: lastLine(made.text), log: made.text.slice(-4000) });
      }
    },
    // Nobody writes compiled code into a shared venv later.
    install(venv, file, complete, output) {
      const words = ["--compile-bytecode", ...(complete ? ["--no-deps"] : []), "-r", file];
      return uv([...install(venv), ...words], output);
    },
    async version() {
      const { stdout } = await uv(["--version"]);
      return stdout.trim().split(" ").slice(0, 2).join(" ");
    },
    questions: (venv) => uvQuestions((words) => uv([...install(venv), ...words])),
  };
}

/** The set of a uv.lock as uv itself gives it; undefined where it cannot (no pyproject.toml beside it). */
export async function exportUvLock(program: string, context: ToolContext): Promise<string | undefined> {
  const words = ["export", "--frozen", "--no-emit-workspace", "--no-header", "--no-annotate", "--offline"];
  const { exitCode, stdout } = await runTool({
    program,
    arguments: words,
    environment: { ...context.variables, VIRTUAL_ENV: undefined, NO_COLOR: "1" },
    directory: context.directory,
    ...(context.signal ? { signal: context.signal } : {}),
  });
  return exitCode === 0 ? stdout : undefined;
}

function uvQuestions(ask: (words: readonly string[]) => Promise<ToolOutcome>): Questions {
  return {
    async ask({ text }, options) {
      const found = await ask(["--dry-run", "--no-deps", "--reinstall", ...options, text]);
      return { ok: found.exitCode === 0, text: found.text };
    },
    understand,
  };
}

function understand({ version }: Requirement, text: string): Pick<Missing, "problem" | "reason"> {
  const said = text.replace(/\s+/g, " ");
  const python =
    /requires a different Python|Python[>=<]|Python version \(|Python ABI tag|Python implementation tag/;
  if (/platform tag|matching platform|compatible with the current platform/i.test(said)) {
    return { problem: "platform", reason: "it is made for other platforms only" };
  }
  if (python.test(said))
    return { problem: "python", reason: clause(said, "it is made for other Pythons only") };
  if (/not found in the (package registry|provided package locations)/i.test(said)) {
    return { problem: "gone", reason: "there is no package of this name" };
  }
  if (/there (is|are) no versions? of/i.test(said)) {
    return { problem: "gone", reason: `there is no version ${version ?? "that fits"}` };
  }
  if (/error sending request|Failed to fetch|network|dns/i.test(said)) {
    return { problem: "other", reason: "the package index cannot be reached" };
  }
  return { problem: "other", reason: clause(said, "uv gave no reason") };
}

/** The part of uv's proof that names the reason. */
function clause(said: string, otherwise: string): string {
  const found = /Because (.*?)(?:,? we can conclude|, and you require| and you require)/.exec(said)?.[1];
  return found ?? otherwise;
}
