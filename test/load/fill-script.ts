import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { randomId } from "../../src/domain/ids.ts";
import { INITIALIZE, RawEngine } from "../bench/raw-engine.ts";
import { spoolBytes } from "../helpers/spool-bytes.ts";
import { HEADER_BYTES, type ScriptOrder, SERIES_OF_A_RUN, SLOT_BYTES } from "./orders.ts";

/*
 * A script that makes many runs with one engine: `fill-script.ts ORDER`. Prints the engine's process id and
 * leaves; the engine sees to the rest behind it, as it does for any script.
 */

/** Runs that are open at the same time. */
const BATCH = 25;

const order = JSON.parse(process.argv[2] ?? "") as ScriptOrder;
const engine = new RawEngine(order.directory);
console.log(engine.pid);
await engine.ask("initialize", INITIALIZE);
const spool = spoolBytes(randomId(), order.points, 1);
for (let n = order.first; n < order.first + order.runs; n += BATCH) {
  await makeRuns(n, Math.min(BATCH, order.first + order.runs - n));
}
process.exit(0);

async function makeRuns(first: number, count: number): Promise<void> {
  const runs = Array.from({ length: count }, (_, i) => ({ id: randomId(), n: first + i }));
  await ask(
    "run.create",
    runs.map(({ id, n }) => ({
      id,
      snapshots: false,
      name: `${order.name}-${n}`,
      tags: ["load", `fold-${n % 5}`],
      command: ["python", "train.py", "--fold", String(n % 5)],
      config: { lr: 0.1 / (1 + (n % 97)), layers: 4, model: "small", seed: n },
    })),
  );
  await ask(
    "metric.log",
    runs.map(({ id, n }) => ({ runId: id, spool: writeSpool(id, addressed(id, n)) })),
  );
  await ask(
    "run.finish",
    runs.map(({ id }) => ({ id, exitCode: 0 })),
  );
}

function ask(method: string, params: readonly object[]): Promise<void> {
  return engine.pump(
    params.map((one) => JSON.stringify(one)),
    params.length,
    method,
  );
}

/** The same points under another run's name, with last values of its own. */
function addressed(run: string, n: number): Buffer {
  const bytes = Buffer.from(spool);
  bytes.writeUInt32LE(n + 1, 16);
  bytes.write(run, 24, "latin1");
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  for (let back = 0; back < SERIES_OF_A_RUN; back++) {
    const slot = HEADER_BYTES + SLOT_BYTES * (order.points + 2 * SERIES_OF_A_RUN - 1 - back);
    bytes.writeDoubleLE(((n * 7919 + back) % 100_003) / 100_003, slot + 8);
  }
  return bytes;
}

function writeSpool(run: string, bytes: Buffer): object {
  const file = `${randomId()}.bin`;
  const folder = join(order.directory, ".datmo/tasks", run, "spool");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), bytes);
  return { file, from: HEADER_BYTES, to: bytes.length };
}
