import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { resolve } from "node:path";

/** Folder with the wheels of JupyterLab and what it needs, for places without a network. */
export const WHEELS = resolve(process.env["DATMO_TEST_WHEELS"] ?? ".venv-ci/wheels");

const WANTED = ["jupyterlab>=4,<5", "ipykernel>=6,<8"];

/** What keeps the wheels from being there; undefined when they are, or could be got. Got once for all tests. */
export function missingWheels(): string | undefined {
  if (existsSync(WHEELS) && readdirSync(WHEELS).some((name) => name.startsWith("jupyterlab-")))
    return undefined;
  const partial = `${WHEELS}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const words = ["-m", "pip", "download", "--quiet", "--dest", partial, ...WANTED];
  const { status, stderr } = spawnSync("/usr/bin/python3", words, { encoding: "utf8", timeout: 300_000 });
  if (status !== 0)
    return `the wheels of JupyterLab, from a package index (${stderr.trim().split("\n").at(-1)})`;
  renameSync(partial, WHEELS);
  return undefined;
}
