/* The SDK's own client and our server, in memory, with a made-up engine. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { MOST_CHARACTERS } from "../../../src/mcp/bounded.ts";
import type { Engine, RequestOptions } from "../../../src/mcp/engine-port.ts";
import { createMcpServer } from "../../../src/mcp/mcp-server.ts";
import { errors } from "../../../src/protocol/errors.ts";
import type { JsonObject } from "../../../src/util/json.ts";

type Answer = (params: JsonObject, options: RequestOptions) => unknown;

test("progress of the engine reaches who asked for it", async (t) => {
  const { client } = await connect(t, {
    "snapshot.create": (_, { onProgress }) => {
      onProgress?.({ message: "reading", done: 1, total: 2 });
      onProgress?.({ message: "writing", done: 2, total: 2 });
      throw errors.DISK_FULL({ operation: "the snapshot", directory: "/p" });
    },
  });
  const heard: object[] = [];
  const call = { name: "snapshot_create", arguments: { message: "m" } };
  const { isError } = await client.callTool(call, { onprogress: (progress) => heard.push(progress) });
  assert.equal(isError, true);
  assert.deepEqual(heard, [
    { progress: 1, total: 2, message: "reading" },
    { progress: 2, total: 2, message: "writing" },
  ]);
});

test("a cancelled call is cancelled in the engine", async (t) => {
  const cancelled = signalOnce();
  const begun = signalOnce();
  const { client } = await connect(t, {
    "run.wait": (_, { signal }) => {
      begun.resolve();
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          cancelled.resolve();
          reject(errors.CANCELLED());
        });
      });
    },
  });
  const controller = new AbortController();
  const call = client.callTool(
    { name: "run_wait", arguments: { id: "abcd" } },
    { signal: controller.signal },
  );
  await begun.promise;
  controller.abort("the user pressed Stop");
  await assert.rejects(call);
  await cancelled.promise;
});

test("an error has kind, message and hint", async (t) => {
  const { client } = await connect(t, {
    "run.get": () => {
      throw errors.RUN_NOT_FOUND({ id: "nope" });
    },
  });
  const answer = await client.callTool({ name: "run_get", arguments: { id: "nope" } });
  assert.equal(answer.isError, true);
  const { error } = JSON.parse(textOf(answer));
  assert.equal(error.kind, "RUN_NOT_FOUND");
  assert.match(error.message, /nope/);
  assert.ok(error.hint.length > 0);
});

test("an error that nobody foresaw is a bug of ours, and the server goes on", async (t) => {
  const { client } = await connect(t, {
    "run.get": () => {
      throw new TypeError("x is not a function");
    },
    "environment.catalog": () => ({ entries: [] }),
  });
  const answer = await client.callTool({ name: "run_get", arguments: { id: "nope" } });
  assert.equal(JSON.parse(textOf(answer)).error.kind, "INTERNAL_ERROR");
  const next = await client.callTool({ name: "environment_catalog" });
  assert.deepEqual(next.structuredContent, { entries: [] });
});

test("a list that is too large is asked for in a smaller size, so that its cursor fits", async (t) => {
  const { client, asked } = await connect(t, {
    "task.list": ({ limit = 100 }) => ({
      items: Array.from({ length: Number(limit) }, (_, id) => ({ id: `${id}`, note: "x".repeat(2000) })),
      nextCursor: `after ${limit}`,
    }),
  });
  const answer = await client.callTool({ name: "task_list", arguments: {} });
  const { items, nextCursor } = answer.structuredContent as { items: unknown[]; nextCursor: string };
  assert.equal(nextCursor, `after ${items.length}`);
  assert.ok(items.length > 10 && textOf(answer).length <= MOST_CHARACTERS);
  assert.match(textOf(answer, 1), /cursor/);
  assert.equal(asked.length, 2);
});

test("output is gone on from where it ends, whatever its characters take", async (t) => {
  const log = Buffer.from("\u0001".repeat(200_000));
  const { client } = await connect(t, {
    "run.logs": ({ offset = 0, limit = 1 << 20 }) => {
      const text = log.subarray(Number(offset), Number(offset) + Number(limit)).toString();
      const nextOffset = Number(offset) + text.length;
      return { text, offset, nextOffset, size: log.length, ended: true };
    },
  });
  const answer = await client.callTool({ name: "run_logs", arguments: { id: "abcd" } });
  const { text, nextOffset } = answer.structuredContent as { text: string; nextOffset: number };
  assert.equal(text.length, nextOffset);
  assert.ok(nextOffset > 0 && textOf(answer).length <= MOST_CHARACTERS);
});

test("an answer in one piece is cut, and says so", async (t) => {
  const items = Array.from({ length: 4000 }, (_, i) => ({
    path: `file ${i}`,
    bytes: i,
    sha256: "0".repeat(64),
  }));
  const { client } = await connect(t, { "file.list": () => ({ items }) });
  const answer = await client.callTool({ name: "file_list", arguments: { runId: "abcd" } });
  assert.ok(textOf(answer).length <= MOST_CHARACTERS);
  assert.match(textOf(answer, 1), /cut\. \/items: the first \d+ of 4000/);
});

test("resources come in pages, runs before snapshots", async (t) => {
  const { client } = await connect(t, {
    "run.list": ({ cursor }) =>
      cursor === undefined ? { items: [run("a")], nextCursor: "n:1" } : { items: [run(`b${cursor}`)] },
    "snapshot.list": () => ({ items: [{ id: "cccccccccc", message: "m", createdAt: "t" }] }),
  });
  const { resources } = await client.listResources();
  assert.deepEqual(
    resources.map(({ uri }) => uri),
    ["datmo://runs/a", "datmo://runs/bn:1", "datmo://snapshots/cccccccccc"],
  );
});

test("where no project is nothing is listed, and what is no resource is not found", async (t) => {
  const none: Answer = () => {
    throw errors.PROJECT_NOT_FOUND({ directory: "/nowhere" });
  };
  const { client } = await connect(t, { "run.list": none, "snapshot.list": none });
  assert.deepEqual((await client.listResources()).resources, []);
  for (const uri of ["datmo://runs/", "datmo://tasks/abcd", "file:///etc/passwd"])
    await assert.rejects(client.readResource({ uri }));
});

test("files outside of the project are reached only by who may run commands", async (t) => {
  const answers = { "file.log": () => ({ file: { path: "hosts", bytes: 0, sha256: "" } }) };
  const call = { name: "file_log", arguments: { runId: "abcd", path: "/etc/hosts" } };
  const { client, asked } = await connect(t, answers);
  const refused = await client.callTool(call);
  assert.equal(JSON.parse(textOf(refused)).error.kind, "PATH_INVALID");
  assert.deepEqual(asked, []);
  const { client: trusted } = await connect(t, answers, true);
  assert.notEqual((await trusted.callTool(call)).isError, true);
});

function run(id: string): JsonObject {
  return { id, name: `name of ${id}`, status: "succeeded", createdAt: "t" };
}

function textOf(answer: Awaited<ReturnType<Client["callTool"]>>, index = 0): string {
  const part = answer.content[index];
  assert.equal(part?.type, "text");
  return part.text;
}

async function connect(
  t: TestContext,
  answers: Readonly<Record<string, Answer>>,
  allowExec = false,
): Promise<{ client: Client; asked: string[] }> {
  const asked: string[] = [];
  const engine: Engine = {
    async request(method, params, options) {
      asked.push(method);
      return (await answers[method]!(params as unknown as JsonObject, options)) as never;
    },
  };
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const server = createMcpServer(engine, { allowExec, directory: "/no/such/project" });
  await server.connect(theirs);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(ours);
  t.after(() => client.close());
  return { client, asked };
}

function signalOnce(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
