import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { randomId } from "../../src/domain/ids.ts";
import type { Change } from "../../src/services/ports/records.ts";
import { openRecordStore } from "../../src/store/db/record-store.ts";

/** A project with this many finished runs, its journal folded. */
export async function withProject<T>(runs: number, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  try {
    execFileSync(process.execPath, [resolve("dist/datmo.js"), "init", "--force"], {
      cwd: directory,
      stdio: "pipe",
    });
    const store = openRecordStore({ directory: join(directory, ".datmo") });
    for (let from = 0; from < runs; from += 500) {
      const count = Math.min(500, runs - from);
      await store.commit(Array.from({ length: count }, (_, i) => finishedRun(from + i)));
    }
    if (runs > 0) await store.sync();
    await store.close();
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Realistic: 20 config values, 10 metrics, 3 files, 2 tags. */
function finishedRun(n: number): Change {
  const at = new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
  const set: Record<string, never> | Record<string, unknown> = {
    createdAt: at,
    startedAt: at,
    endedAt: new Date(Date.parse(at) + 30_000).toISOString(),
    name: `quiet-heron-${n}`,
    type: "script",
    origin: "executed",
    status: "succeeded",
    exitCode: 0,
    command: ["python", "train.py", "--fold", String(n % 5)],
    driver: "host",
    taskId: randomId(),
    beforeSnapshotId: randomId(),
    afterSnapshotId: randomId(),
    "tags/baseline": true,
    [`tags/fold-${n % 5}`]: true,
  };
  for (let i = 0; i < 20; i++) set[`config/option_${i}`] = i % 2 === 0 ? i * 0.1 + n : `value ${i}`;
  for (let i = 0; i < 10; i++) {
    set[`metrics/metric_${i}/a1b2c3d4`] = {
      last: Math.sin(n + i),
      step: 100,
      at: Date.parse(at),
      min: -1,
      max: 1,
      n: 100,
    };
  }
  for (let i = 0; i < 3; i++) set[`files/model_${i}.bin`] = { bytes: 1000 + i, sha256: "0".repeat(64) };
  return { kind: "run", id: randomId(), set: set as Change["set"] };
}
