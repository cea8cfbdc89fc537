import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { Missing, Questions } from "./diagnose.ts";
import type { InstallTool, ToolContext } from "./install-tool.ts";
import type { Requirement } from "./requirement-set.ts";
import { runTool, type ToolOutcome } from "./run-tool.ts";

const PROGRAMS = process.platform === "win32" ? "Scripts" : "bin";
const QUIET = ["--disable-pip-version-check", "--no-input", "--no-color"];

/** The first pip that can work on another Python than its own. */
const REMOTE_PIP = [22, 3] as const;

/**
 * The interpreter's own `venv` and pip. A venv that brings a pip of its own takes seconds more, so the
 * interpreter's is used where it can be.
 */
export function pipTool(context: ToolContext): InstallTool {
  const { interpreter } = context;
  let remote: Promise<boolean> | undefined;

  const run = (
    program: string,
    words: readonly string[],
    output?: (text: string) => void,
  ): Promise<ToolOutcome> =>
    runTool({
      program,
      arguments: words,
      environment: context.variables,
      directory: context.directory,
      ...(context.signal ? { signal: context.signal } : {}),
      ...(output ? { output } : {}),
    });

  async function pip(
    venv: string,
    words: readonly string[],
    output?: (text: string) => void,
  ): Promise<ToolOutcome> {
    const python = join(venv, PROGRAMS, "python");
    return (await isRemote())
      ? run(interpreter.executable, ["-m", "pip", "--python", python, ...words], output)
      : run(python, ["-m", "pip", ...words], output);
  }

  function isRemote(): Promise<boolean> {
    remote ??= run(interpreter.executable, ["-m", "pip", "--version"]).then(({ exitCode, stdout }) => {
      const [, major, minor] = /^pip (\d+)\.(\d+)/.exec(stdout) ?? [];
      const version = Number(major) * 100 + Number(minor);
      return exitCode === 0 && version >= REMOTE_PIP[0] * 100 + REMOTE_PIP[1];
    });
    return remote;
  }

  return {
    name: "pip",
    async create(venv) {
      const without = (await isRemote()) ? ["--without-pip"] : [];
      const made = await run(interpreter.executable, ["-m", "venv", ...without, venv]);
      if (made.exitCode === 0) return;
      const reason = /ensurepip|venv/.test(made.text)
        ? "this Python cannot make a venv: install its package python3-venv, or uv"
        : lastLine(made.text);
      throw errors.VENV_FAILED({ reason, log: made.text.slice(-4000) });
    },
    install(venv, file, complete, output) {
      return pip(venv, ["install", ...QUIET, ...(complete ? ["--no-deps"] : []), "-r", file], output);
    },
    async version(venv) {
      const { stdout } = await pip(venv, ["--version"]);
      return `pip ${/^pip (\S+)/.exec(stdout)?.[1] ?? ""}`.trim();
    },
    questions: (venv) => pipQuestions((words) => pip(venv, words)),
  };
}

function pipQuestions(pip: (words: readonly string[]) => Promise<ToolOutcome>): Questions {
  return {
    async ask({ name, version }, options) {
      const { exitCode, stdout, text } = await pip([
        "index",
        "versions",
        name,
        "--pre",
        "-vv",
        ...QUIET,
        ...options,
      ]);
      const [, list = ""] = /^Available versions: (.*)$/m.exec(stdout) ?? [];
      const ok = exitCode === 0 && list.split(", ").some((one) => sameVersion(one, version ?? ""));
      return { ok, text: `${list}\n${text}` };
    },
    understand,
  };
}

/** pip says of every file it looked at why it passed it over. */
function understand(requirement: Requirement, text: string): Pick<Missing, "problem" | "reason"> {
  const { name, version = "" } = requirement;
  const versions = (text.split("\n")[0] ?? "").split(", ").filter((one) => one !== "");
  const own = text.split("\n").filter((line) => mentions(line, name, version));
  const python = own.map((line) => /requires? a different Python \(([^)]*)\)/i.exec(line)?.[1]).find(Boolean);
  if (python !== undefined) {
    const [, have = "", need = ""] = /^(\S+) not in:? '?([^']*)'?/.exec(python) ?? [];
    return { problem: "python", reason: `it needs Python ${need}, and this is ${have}` };
  }
  const tags = own.flatMap((line) => /wheel's tags \(([^)]*)\)/.exec(line)?.[1]?.split(", ") ?? []);
  if (tags.length > 0) return ofTags(tags);
  if (/Could not fetch URL|connection error|NewConnectionError|Name or service not known/i.test(text)) {
    return { problem: "other", reason: "the package index cannot be reached" };
  }
  if (versions.length === 0) return { problem: "gone", reason: "there is no package of this name" };
  const some = versions.slice(0, 5).join(", ") + (versions.length > 5 ? ", …" : "");
  return { problem: "gone", reason: `there is no version ${version}; there is ${some}` };
}

/** Only wheels for others: for another Python when one of them is for this platform, else for other platforms. */
function ofTags(tags: readonly string[]): Pick<Missing, "problem" | "reason"> {
  const here = tags.filter((tag) => isOurPlatform(tag.split("-")[2] ?? ""));
  const list = (here.length > 0 ? here : tags).slice(0, 3).join(", ");
  return here.length > 0
    ? { problem: "python", reason: `it is made for other Pythons only (${list})` }
    : { problem: "platform", reason: `it is made for other platforms only (${list})` };
}

function isOurPlatform(tag: string): boolean {
  if (tag === "any") return true;
  const system = { linux: /linux/, darwin: /macosx/, win32: /^win/ }[process.platform as string] ?? /linux/;
  const machine = process.arch === "x64" ? /x86_64|amd64|universal2/ : /arm64|aarch64|universal2/;
  return system.test(tag) && machine.test(tag);
}

function mentions(line: string, name: string, version: string): boolean {
  const flat = (text: string): string => text.toLowerCase().replace(/[-_.]+/g, "-");
  const text = flat(line);
  return [`/${flat(name)}-${flat(version)}-`, `/${flat(name)}-${flat(version)}-tar-gz`].some(
    (part) => text.includes(part) || text.includes(part.slice(0, -1).replace(/-$/, "-zip")),
  );
}

/** `1.0` is `1.0.0`. */
function sameVersion(a: string, b: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/(\.0)+$/, "")
      .replace(/^v/, "");
  return plain(a) === plain(b);
}

export function lastLine(text: string): string {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const error = lines.findLast((line) => /^(ERROR|error):/.test(line)) ?? lines.at(-1) ?? "it said nothing";
  return error.replace(/^(ERROR|error):\s*/, "").replace(/\.$/, "");
}
