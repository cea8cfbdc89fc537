import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Told {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A new folder, removed when the tests of the file are over. */
export function makeFolder(after: (end: () => void) => void): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "datmo-packages-")));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A project to be, with one script in it. */
export function makeProject(folder: string): string {
  const project = mkdtempSync(join(folder, "project-"));
  writeFileSync(join(project, "train.sh"), "echo 'loss: 0.25'\n");
  return project;
}

/** Runs words with nothing of this checkout in the environment; must succeed. */
export function run(
  words: readonly string[],
  directory: string,
  variables: Record<string, string> = {},
): Told {
  const told = attempt(words, directory, variables);
  assert.equal(told.code, 0, `${words.join(" ")}\n${told.stdout}${told.stderr}`);
  return told;
}

/** The same, with no network at all: not even the machine itself can be reached. */
export function runOffline(
  words: readonly string[],
  directory: string,
  variables: Record<string, string> = {},
): Told {
  const alone = process.getuid?.() === 0 ? ["unshare", "--net"] : ["unshare", "--map-root-user", "--net"];
  return run([...alone, ...words], directory, variables);
}

export function attempt(
  words: readonly string[],
  directory: string,
  variables: Record<string, string>,
): Told {
  const { PATH = "", HOME = "" } = process.env;
  const [program, ...rest] = words;
  const { status, stdout, stderr, error } = spawnSync(program!, rest, {
    cwd: directory,
    env: { PATH, HOME, LC_ALL: "C.UTF-8", ...variables },
    encoding: "utf8",
    timeout: 300_000,
  });
  assert.equal(error, undefined, words.join(" "));
  return { code: status, stdout, stderr };
}

/** Bytes of all files below a folder. */
export function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Makes the packages that are asked for, in `outdir`. */
export function makePackages(outdir: string, names: readonly string[]): string[] {
  const words = [process.execPath, "scripts/package.mjs", "--outdir", outdir, ...names];
  run(words, process.cwd());
  return readdirSync(outdir).map((name) => join(outdir, name));
}
