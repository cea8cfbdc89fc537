import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createLoopback } from "../../../src/drivers/loopback/loopback.ts";

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "datmo-ports-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "ports");
}

/** A port where nobody listens. */
async function quietPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

test("programs that start at once are given ports of their own", async (t) => {
  const folder = makeFolder(t);
  const wanted = await quietPort();
  const holders = Array.from({ length: 12 }, (_, index) => `run${index}`);
  const ports = await Promise.all(holders.map((holder) => createLoopback(folder).freePort(wanted, holder)));
  assert.equal(new Set(ports).size, holders.length);
  assert.equal(ports.filter((port) => port === wanted).length, 1);
});

test("a port is given again when it was released, or when its claim is old", async (t) => {
  const folder = makeFolder(t);
  const wanted = await quietPort();
  const loopback = createLoopback(folder);
  assert.equal(await loopback.freePort(wanted, "a"), wanted);
  const other = await loopback.freePort(wanted, "b");
  assert.notEqual(other, wanted);
  await loopback.release("a");
  assert.deepEqual(readdirSync(folder), [String(other)]);
  assert.equal(await loopback.freePort(wanted, "c"), wanted);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(join(folder, String(wanted)), longAgo, longAgo);
  assert.equal(await loopback.freePort(wanted, "d"), wanted);
});

test("where claims cannot be kept, a free port is still found", async (t) => {
  const folder = makeFolder(t);
  mkdirSync(join(folder, ".."), { recursive: true });
  writeFileSync(folder, "no folder");
  const wanted = await quietPort();
  assert.equal(await createLoopback(folder).freePort(wanted, "a"), wanted);
  await createLoopback(folder).release("a");
});
