import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { errors } from "../../../../protocol/errors.ts";
import { gitEnvironment, type Variables } from "../git/git-environment.ts";
import { closeAfterExit, runGit } from "../git/run-git.ts";
import type { SshHost } from "../remote-address.ts";

export interface SshRun {
  readonly input: Writable;
  readonly output: Readable;
  /** Exit code and what it said, when it has ended. Rejects with CANCELLED. */
  readonly ended: Promise<{ code: number; said: string[] }>;
}

const MOST_SAID = 64 * 1024;

/** Runs commands on a server through whatever ssh the user's git uses. */
export class SshCommand {
  readonly #host: SshHost;
  readonly #variables: Variables;
  readonly #git: string;
  #ssh: string | undefined;

  constructor(host: SshHost, git: string, variables: Variables) {
    this.#host = host;
    this.#variables = variables;
    this.#git = git;
  }

  async start(command: string, signal?: AbortSignal): Promise<SshRun> {
    if (signal?.aborted) throw errors.CANCELLED({});
    this.#ssh ??= await this.#program();
    const port = this.#host.port === undefined ? [] : ["-p", this.#host.port];
    const args = ["-c", `${this.#ssh} "$@"`, "ssh", ...port, this.#host.target, command];
    const child = spawn("sh", args, {
      env: gitEnvironment(this.#variables),
      stdio: ["pipe", "pipe", "pipe"],
      // Without a terminal nothing in it can ask a question.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    child.stdin.on("error", () => {});
    return { input: child.stdin, output: child.stdout, ended: ended(child, signal) };
  }

  /** As git chooses it; a command line for a shell. */
  async #program(): Promise<string> {
    const { GIT_SSH_COMMAND: command, GIT_SSH: program } = this.#variables;
    if (command) return command;
    const environment = { ...gitEnvironment(this.#variables), GIT_DIR: "/dev/null" };
    const args = ["config", "--global", "--get", "core.sshCommand"];
    const { code, stdout } = await runGit({ program: this.#git, args, environment });
    if (code === 0 && stdout.trim() !== "") return stdout.trim();
    return program ? quoted(program) : "ssh";
  }
}

/** One word for a shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function ended(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  signal: AbortSignal | undefined,
): SshRun["ended"] {
  let said = "";
  closeAfterExit(child, [child.stderr]);
  child.stderr.on("data", (chunk: Buffer) => {
    if (said.length < MOST_SAID) said += chunk.toString("utf8");
  });
  const result = new Promise<{ code: number; said: string[] }>((resolve, reject) => {
    const stop = (): void => {
      kill(child.pid);
      child.stdout.destroy();
      reject(errors.CANCELLED({}));
    };
    signal?.addEventListener("abort", stop, { once: true });
    child.on("error", reject);
    child.on("close", (code) => {
      signal?.removeEventListener("abort", stop);
      resolve({ code: code ?? -1, said: said.split(/[\r\n]+/).filter((line) => line.trim() !== "") });
    });
  });
  // Whoever reads the output may fail first.
  result.catch(() => {});
  return result;
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
