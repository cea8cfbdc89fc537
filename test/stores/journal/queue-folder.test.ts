import assert from "node:assert/strict";
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { randomId } from "../../../src/domain/ids.ts";
import { openQueue } from "../../../src/store/journal/queue-folder.ts";
import { thisProcess } from "../../../src/util/process-identity.ts";

async function makeQueue(t: TestContext) {
  const above = await mkdtemp(join(tmpdir(), "datmo-queue-"));
  t.after(() => rm(above, { recursive: true, force: true }));
  const directory = join(above, "queue");
  return { directory, queue: openQueue(directory), other: openQueue(directory) };
}

const entry = (runId: string, queuedAt = new Date().toISOString()) =>
  ({ v: 1, runId, queuedAt, plan: { command: "true" } }) as const;

test("runs wait in the order in which they were put in", async (t) => {
  const { queue, other } = await makeQueue(t);
  assert.deepEqual(await queue.ids(), []);
  const ids = [randomId(), randomId(), randomId()];
  for (const [at, id] of [...ids.entries()].reverse()) {
    await queue.add(entry(id, new Date(Date.UTC(2026, 0, 1) + at).toISOString()));
  }
  assert.deepEqual(await other.ids(), ids);
  assert.deepEqual((await other.read(ids[1] as string))?.plan, { command: "true" });
  assert.equal(await other.read(randomId()), undefined);
});

test("one has a lease at a time, in this process and beside it", async (t) => {
  const { queue, other } = await makeQueue(t);
  const id = randomId();
  await queue.add(entry(id));
  const taken = (await Promise.all([...Array(20)].map((_, at) => (at % 2 ? queue : other).take(id)))).filter(
    (lease) => lease !== undefined,
  );
  assert.equal(taken.length, 1);
  assert.equal(await other.isHeld(id), true);
  await taken[0]?.release();
  assert.equal(await other.isHeld(id), false);
  assert.ok(await other.read(id));
  const again = await other.take(id);
  assert.equal(await again?.isHeld(), true);
  await again?.finish();
  assert.equal(await queue.read(id), undefined);
});

test("what is finished leaves nothing, and cannot be taken by whoever looked before", async (t) => {
  const { queue, directory } = await makeQueue(t);
  const id = randomId();
  await queue.add(entry(id));
  await (await queue.take(id))?.finish();
  assert.deepEqual(readdirSync(directory), []);
  const late = await queue.take(id);
  assert.ok(late);
  assert.equal(await queue.read(id), undefined);
  await late.release();
});

test("the lease of a process that is gone is taken over by one; its file stays until the end", async (t) => {
  const { queue, other, directory } = await makeQueue(t);
  const id = randomId();
  await queue.add(entry(id));
  const dead = { ...(await thisProcess()), pid: 2 ** 22 - 5, startTime: "1" };
  writeFileSync(join(directory, `${id}.1.lease`), JSON.stringify(dead));
  assert.equal(await queue.isHeld(id), false);
  const leases = (await Promise.all([queue.take(id), other.take(id), queue.take(id)])).filter(Boolean);
  assert.equal(leases.length, 1);
  assert.match(readdirSync(directory).join(" "), new RegExp(`${id}\\.1\\.lease.*${id}\\.2\\.lease`));
  await leases[0]?.finish();
  assert.deepEqual(readdirSync(directory), []);
});

test("a lease of another host holds as long as it is renewed", async (t) => {
  const { queue, directory } = await makeQueue(t);
  const id = randomId();
  await queue.add(entry(id));
  const path = join(directory, `${id}.1.lease`);
  const foreign = { pid: 1, startTime: "1", bootId: "another boot", host: "another-host" };
  writeFileSync(path, JSON.stringify(foreign));
  assert.equal(await queue.take(id), undefined);
  const longAgo = new Date(Date.now() - 11 * 60_000);
  utimesSync(path, longAgo, longAgo);
  assert.ok(await queue.take(id));
});

test("what is left of a finished run is swept when it is old; an entry that is damaged is none", async (t) => {
  const { queue, directory } = await makeQueue(t);
  const [id, damaged] = [randomId(), randomId()];
  await queue.add(entry(damaged));
  const [name = ""] = readdirSync(directory);
  writeFileSync(join(directory, name), readFileSync(join(directory, name)).subarray(0, 20));
  const path = join(directory, `${id}.1.lease`);
  writeFileSync(path, "");
  await queue.ids();
  assert.ok(readdirSync(directory).includes(`${id}.1.lease`));
  const longAgo = new Date(Date.now() - 11 * 60_000);
  const temporary = join(directory, `${name}.0a1b2c3d4e5f.tmp`);
  writeFileSync(temporary, "");
  for (const old of [path, temporary]) utimesSync(old, longAgo, longAgo);
  await queue.ids();
  assert.deepEqual(readdirSync(directory), [name]);
  assert.equal(await queue.read(damaged), undefined);
});
