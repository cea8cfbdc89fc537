import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Method, MethodMap } from "../../src/protocol/methods.ts";
import { validateResult } from "../../src/protocol/result-validators.js";

/** The built command line, as a user has it. */
export const DATMO = resolve(process.env["DATMO_DIST"] ?? "dist", "datmo.js");

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of stdout. */
  readonly bytes: Buffer;
}

export interface ProcessOptions {
  readonly input?: string;
  readonly directory?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A folder of its own to use datmo in. */
export interface Place {
  readonly directory: string;
  datmo(argv: readonly string[], options?: ProcessOptions): Promise<Outcome>;
  /** Must succeed; what it printed. */
  ok(...argv: string[]): Promise<string>;
  /** The result of a command under `--json`, held against the contract. */
  json<M extends Method>(method: M, ...argv: string[]): Promise<MethodMap[M]["result"]>;
  start(argv: readonly string[], options?: ProcessOptions): ChildProcessWithoutNullStreams;
  write(path: string, content: string | Uint8Array): void;
  read(path: string): string;
}

export function makePlace(t: { after(end: () => void): void }, name = "digits"): Place {
  const above = realpathSync(mkdtempSync(join(tmpdir(), "datmo-e2e-")));
  t.after(() => rmSync(above, { recursive: true, force: true, maxRetries: 5 }));
  const directory = join(above, name);
  mkdirSync(directory);
  const start: Place["start"] = (argv, options = {}) =>
    // As its first line says: without `--`, Node 20 takes an `--env-file` for its own.
    spawn(process.execPath, ["--", DATMO, ...argv], {
      cwd: options.directory ?? directory,
      env: { ...quietEnvironment(), ...options.variables },
    });
  const datmo: Place["datmo"] = async (argv, options = {}) => {
    const child = start(argv, options);
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    return outcomeOf(child);
  };
  return {
    directory,
    datmo,
    start,
    async ok(...argv) {
      const outcome = await datmo(argv);
      assert.equal(outcome.code, 0, `datmo ${argv.join(" ")}\n${outcome.stderr}`);
      return outcome.stdout;
    },
    async json(method, ...argv) {
      const { stdout, stderr } = await datmo([...argv, "--json"]);
      const result = JSON.parse(stdout);
      const validate = validateResult[method];
      assert.ok(
        validate(result),
        `${argv.join(" ")}: ${JSON.stringify(validate.errors)} ${stdout} ${stderr}`,
      );
      return result;
    },
    write(path, content) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    },
    read: (path) => readFileSync(join(directory, path), "utf8"),
  };
}

/** What a process printed and how it ended. */
export async function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  const bytes = Buffer.concat(out);
  return { code: code ?? -1, stdout: bytes.toString(), stderr: Buffer.concat(err).toString(), bytes };
}

/** Resolves when the process has printed this on its stdout; rejects when it ended without. */
export function untilPrinted(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  let shown = "";
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      shown += chunk.toString();
      if (!shown.includes(text)) return;
      child.stdout.off("data", take);
      resolve();
    };
    child.stdout.on("data", take);
    child.once("close", (code) =>
      reject(new Error(`exit code ${code} without "${text}", but: ${shown}${complaints}`)),
    );
  });
}

/** The tests' own surroundings must not show through. */
function quietEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" };
  for (const name of Object.keys(environment)) {
    if (name.startsWith("DATMO_") || name === "NO_COLOR" || name === "FORCE_COLOR") delete environment[name];
  }
  // On a slow machine any run may last long enough to have some, and texts would differ by them.
  environment["DATMO_USAGE"] = "off";
  return environment;
}
