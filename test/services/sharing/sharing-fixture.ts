import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { StoredRecord } from "../../../src/services/ports/records.ts";
import { openRecordStore } from "../../../src/store/db/record-store.ts";
import { openTestEngine, type TestEngine } from "../../helpers/engine.ts";

/** Some copies of a project and a bare repository between them, in a folder that goes with the test. */
export interface Sharing {
  readonly root: string;
  readonly remote: string;
  /** Opens a project of its own in `name`; closed with the test. */
  peer(name: string): Promise<TestEngine>;
  /** Opens what lies in a folder already. */
  reopen(directory: string): Promise<TestEngine>;
  refs(): Map<string, string>;
}

export function sharing(context: TestContext): Sharing {
  const root = mkdtempSync(join(tmpdir(), "datmo-sharing-"));
  const remote = join(root, "remote.git");
  execFileSync("git", ["init", "-q", "--bare", remote]);
  const engines: TestEngine[] = [];
  context.after(async () => {
    for (const engine of engines) await engine.close().catch(() => undefined);
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  });
  return {
    root,
    remote,
    async peer(name) {
      const directory = join(root, name);
      await mkdir(directory);
      writeFileSync(join(directory, "train.py"), `print("${name}")\n`);
      const engine = await openTestEngine({ directory });
      engines.push(engine);
      await engine.call("project.create", {});
      return engine;
    },
    async reopen(directory) {
      const engine = await openTestEngine({ directory });
      engines.push(engine);
      return engine;
    },
    refs() {
      const text = execFileSync("git", ["-C", remote, "for-each-ref", "--format=%(refname) %(objectname)"]);
      const lines = text.toString().split("\n").filter(Boolean);
      return new Map(lines.map((line) => line.split(" ") as [string, string]));
    },
  };
}

/** A run that a script recorded, with points; ended. */
export async function recordRun(
  engine: TestEngine,
  values: readonly number[],
  name = "loss",
): Promise<string> {
  const { run } = await engine.call("run.create", { name: `run-${values.length}`, config: { lr: 0.1 } });
  await logPoints(engine, run.id, values, name);
  await finishRun(engine, run.id);
  return run.id;
}

/** Ends a recorded run, and waits for its after-snapshot and everything else that goes with its end. */
export async function finishRun(engine: TestEngine, id: string, exitCode = 0): Promise<void> {
  await engine.call("run.finish", { id, status: exitCode === 0 ? "succeeded" : "failed", exitCode });
  await engine.call("run.wait", { id });
}

export async function logPoints(
  engine: TestEngine,
  runId: string,
  values: readonly number[],
  name = "loss",
): Promise<void> {
  const wire = (value: number): number | "NaN" | "Infinity" | "-Infinity" =>
    Number.isFinite(value) ? value : (String(value) as "NaN");
  const points = {
    name: values.map(() => name),
    step: values.map((_, i) => values.length - i),
    value: values.map(wire),
    at: values.map((_, i) => 1_700_000_000_000 + i / 7),
  };
  await engine.call("metric.log", { runId, points } as never);
}

/** All records but those of the project itself, without what belongs to one copy; comparable. */
export async function sharedRecords(directory: string): Promise<string[]> {
  const store = openRecordStore({ directory: join(directory, ".datmo"), readonly: true });
  try {
    const lines: string[] = [];
    for (const kind of ["run", "snapshot", "task"] as const) {
      for (const record of await store.list(kind, { includeDeleted: true })) lines.push(lineOf(kind, record));
    }
    return lines.sort();
  } finally {
    await store.close();
  }
}

function lineOf(kind: string, { id, fields }: StoredRecord): string {
  const shared = Object.entries(fields).filter(([path]) => !path.startsWith("local/"));
  return JSON.stringify([kind, id, shared.sort(([a], [b]) => (a < b ? -1 : 1))]);
}
