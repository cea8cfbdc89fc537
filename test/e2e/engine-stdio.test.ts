import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { protocolVersion } from "../../src/protocol/methods.ts";

/* The built engine and a stock JSON-RPC client, as an editor would use them. */

const PROGRAMS = {
  "engine.js --stdio": [resolve("dist/engine.js"), "--stdio"],
  "datmo engine --stdio": [resolve("dist/datmo.js"), "engine", "--stdio"],
};

let directory: string;
let child: ChildProcess;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "datmo-stdio-"));
});
afterEach(() => {
  child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

for (const [name, args] of Object.entries(PROGRAMS)) {
  describe(name, () => {
    it("serves a run from its creation to its end, and leaves with 0", async () => {
      const { connection, ended } = await open(args);
      await connection.sendRequest("project.create", { name: "stdio" });
      const { run } = await connection.sendRequest<{ run: { id: string } }>("run.create", {
        config: { lr: 0.1 },
      });
      const points = {
        name: ["loss", "loss", "acc"],
        step: [1, 2, 2],
        value: [0.5, "NaN", 1 / 3],
        at: [1.5, 2, 2],
      };
      assert.deepEqual(await connection.sendRequest("metric.log", { runId: run.id, points }), { points: 3 });
      assert.deepEqual(await connection.sendRequest("metric.history", { runId: run.id, name: "loss" }), {
        name: "loss",
        points: { step: [1, 2], value: [0.5, "NaN"], at: [1.5, 2] },
      });
      await connection.sendRequest("run.finish", { id: run.id });
      const got = await connection.sendRequest<{ run: Record<string, unknown> }>("run.get", { id: run.id });
      assert.equal(got.run["status"], "succeeded");
      assert.deepEqual(got.run["metrics"], { loss: "NaN", acc: 1 / 3 });
      await connection.sendRequest("shutdown", {});
      await connection.sendNotification("exit", {});
      assert.equal(await ended, 0);
    });

    it("has kept everything it acknowledged when it is killed", async () => {
      const first = await open(args);
      await first.connection.sendRequest("project.create", {});
      const { run } = await first.connection.sendRequest<{ run: { id: string } }>("run.create", {});
      const points = { name: ["loss"], step: [1], value: [0.25], at: [1] };
      await first.connection.sendRequest("metric.log", { runId: run.id, points });
      child.kill("SIGKILL");
      await first.ended;
      const { connection } = await open(args);
      const history = await connection.sendRequest("metric.history", { runId: run.id, name: "loss" });
      assert.deepEqual(history, { name: "loss", points: { step: [1], value: [0.25], at: [1] } });
    });
  });
}

async function open(
  args: readonly string[],
): Promise<{ connection: MessageConnection; ended: Promise<number | null> }> {
  child = spawn(process.execPath, args, { cwd: directory, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<number | null>((done) => child.once("exit", done));
  child.stdin!.on("error", () => {});
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout!),
    new StreamMessageWriter(child.stdin!),
  );
  connection.listen();
  const client = { name: "test", version: "1" };
  await connection.sendRequest("initialize", { protocolVersion, client, processId: process.pid });
  await connection.sendNotification("initialized", {});
  return { connection, ended };
}
