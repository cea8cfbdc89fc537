/* The built `datmo mcp` and the SDK's own client, over stdio, on a real project; both generations of the protocol. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { type CallToolResult, Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Run, Snapshot } from "../../src/protocol/types.ts";
import { DATMO, makePlace, type Place } from "../helpers/datmo-process.ts";

const GENERATIONS = {
  "2025": {},
  "2026": { versionNegotiation: { mode: { pin: "2026-07-28" } } },
} as const;

for (const [generation, options] of Object.entries(GENERATIONS)) {
  test(`an agent of ${generation} reads runs, keeps a snapshot and brings it back`, async (t) => {
    const { place, client } = await project(t, [], options);
    await place.ok("run", "sh", "-c", "echo loss: 0.25");
    const tools = (await client.listTools()).tools.map(({ name }) => name);
    assert.ok(tools.includes("run_list") && !tools.includes("run_start") && !tools.includes("store_gc"));
    // The client holds what comes back against the schemas that were listed.
    const { items } = await call<{ items: Run[] }>(client, "run_list", { filter: "metrics.loss < 1" });
    assert.deepEqual(items[0]?.metrics, { loss: 0.25 });
    const id = items[0]?.id ?? "";
    assert.equal((await call<{ text: string }>(client, "run_logs", { id })).text, "loss: 0.25\n");

    place.write("notes.txt", "first\n");
    const { snapshot } = await call<{ snapshot: Snapshot }>(client, "snapshot_create", { message: "first" });
    place.write("notes.txt", "second\n");
    const refused = await client.callTool({ name: "snapshot_checkout", arguments: { id: snapshot.id } });
    assert.equal(errorOf(refused).kind, "WORKING_TREE_DIRTY");
    await call(client, "snapshot_checkout", { id: snapshot.id, force: true });
    assert.equal(place.read("notes.txt"), "first\n");

    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    assert.ok(uris.includes(`datmo://runs/${id}`) && uris.includes(`datmo://snapshots/${snapshot.id}`));
    const { contents } = await client.readResource({ uri: `datmo://runs/${id}` });
    const [content] = contents;
    assert.ok(content !== undefined && "text" in content);
    assert.equal(JSON.parse(content.text).run.id, id);
    await assert.rejects(client.readResource({ uri: "datmo://runs/nosuchrun" }), /nosuchrun/);
  });
}

test("commands are run only when whoever started the server allows it", async (t) => {
  const { client } = await project(t);
  const refused = await client.callTool({ name: "run_start", arguments: { command: "echo hello" } });
  const { kind, hint } = errorOf(refused);
  assert.deepEqual([kind, /--allow-exec/.test(hint)], ["METHOD_NOT_GRANTED", true]);
  assert.deepEqual((await call<{ items: Run[] }>(client, "run_list")).items, []);

  const { client: trusted } = await project(t, ["--allow-exec"]);
  // For the result to be held against its schema.
  await trusted.listTools();
  const { run } = await call<{ run: Run }>(trusted, "run_start", { command: "echo hello; exit 3" });
  const { run: ended } = await call<{ run: Run }>(trusted, "run_wait", { id: run.id });
  assert.deepEqual([ended.status, ended.exitCode], ["failed", 3]);
  assert.equal((await call<{ text: string }>(trusted, "run_logs", { id: run.id })).text, "hello\n");
});

test("waiting can be cancelled, and what was waited for goes on without the server", async (t) => {
  const { client, place } = await project(t, ["--allow-exec"]);
  const { run } = await call<{ run: Run }>(client, "run_start", { command: "sleep 1000" });
  const controller = new AbortController();
  const wait = client.callTool(
    { name: "run_wait", arguments: { id: run.id } },
    { signal: controller.signal },
  );
  controller.abort("enough");
  await assert.rejects(wait, /enough/);
  const { run: still } = await call<{ run: Run }>(client, "run_get", { id: run.id });
  assert.equal(still.status, "running");
  await client.close();
  assert.equal((await place.json("run.get", "run", "show", run.id)).run.status, "running");
  await place.ok("stop", run.id);
  assert.equal((await place.json("run.get", "run", "show", run.id)).run.status, "stopped");
});

test("what is wrong is told in a way that can be acted on", async (t) => {
  const { client, place } = await project(t);
  const errorFor = async (name: string, args: Record<string, unknown>) =>
    errorOf(await client.callTool({ name, arguments: args }));
  assert.equal((await errorFor("run_get", { id: "nope" })).kind, "RUN_NOT_FOUND");
  assert.match((await errorFor("run_list", { limit: "ten" })).message, /limit/);
  assert.match((await errorFor("run_list", { colour: "red" })).hint, /filter/);
  assert.match((await errorFor("run_list", { filter: "metrics.loss <" })).kind, /FILTER_INVALID/);
  assert.equal(
    (await errorFor("snapshot_create", { message: "m", paths: ["/etc/hosts"] })).kind,
    "PATH_INVALID",
  );
  const inside = { message: "m", paths: [`${place.directory}/.datmo/format`] };
  assert.equal((await errorFor("snapshot_create", inside)).kind, "PATH_INVALID");
  await assert.rejects(client.callTool({ name: "store_purge", arguments: {} }), /no tool store_purge/i);
  assert.deepEqual((await call<{ items: Run[] }>(client, "run_list")).items, []);
});

test("without a project tools say what is missing", async (t) => {
  const place = makePlace(t);
  const client = await connect(t, place);
  assert.deepEqual((await client.listResources()).resources, []);
  const { kind, hint } = errorOf(await client.callTool({ name: "project_status", arguments: {} }));
  assert.deepEqual([kind, /datmo init/.test(hint)], ["PROJECT_NOT_FOUND", true]);
});

test("the configurations that the page for users shows start it", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--name", "configured");
  const blocks = [...readFileSync("docs/agents.md", "utf8").matchAll(/^```json\n(.*?)^```/gms)];
  assert.equal(blocks.length, 2);
  for (const [, text = ""] of blocks) {
    const { mcpServers, servers } = JSON.parse(text.replace(/\$\{workspaceFolder\}/, place.directory));
    const { command, args } = (mcpServers ?? servers).datmo;
    assert.deepEqual([command, args.shift()], ["datmo", "mcp"]);
    const client = await connect(t, place, args);
    const { project: found } = await call<{ project: { name: string } }>(client, "project_get");
    assert.equal(found.name, "configured");
    await client.close();
  }
});

test("stdout holds messages only, garbage is survived, and the end of input is the end", async (t) => {
  const place = makePlace(t);
  await place.ok("init");
  const child = place.start(["mcp"]);
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  const hello = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "raw", version: "1" },
  };
  const lines = [
    JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: hello }),
    "this is no message",
    JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }),
    JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "project_doctor" } }),
  ];
  child.stdin.write(`${lines.join("\n")}\n`);
  while (!text.includes('"id":2')) await once(child.stdout, "data");
  child.stdin.end();
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  const messages = text.trimEnd().split("\n");
  for (const message of messages) assert.equal(JSON.parse(message).jsonrpc, "2.0");
  assert.equal(messages.length, 2);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends it in good order`, async (t) => {
    const place = makePlace(t);
    const child = place.start(["mcp"]);
    child.stdin.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "server/discover", params: {} })}\n`,
    );
    await once(child.stdout, "data");
    child.kill(signal);
    assert.deepEqual(await once(child, "close"), [0, null]);
  });
}

async function project(
  t: TestContext,
  words: readonly string[] = [],
  options: ConstructorParameters<typeof Client>[1] = {},
): Promise<{ place: Place; client: Client }> {
  const place = makePlace(t);
  await place.ok("init");
  return { place, client: await connect(t, place, words, options) };
}

async function connect(
  t: TestContext,
  place: Place,
  words: readonly string[] = [],
  options: ConstructorParameters<typeof Client>[1] = {},
): Promise<Client> {
  const client = new Client({ name: "test", version: "1" }, options);
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: ["--", DATMO, "mcp", ...words],
      cwd: place.directory,
      stderr: "inherit",
    }),
  );
  t.after(() => client.close());
  return client;
}

async function call<T>(client: Client, name: string, args: Record<string, unknown> = {}): Promise<T> {
  const answer = await client.callTool({ name, arguments: args });
  assert.notEqual(answer.isError, true, JSON.stringify(answer.content));
  return answer.structuredContent as T;
}

function errorOf(answer: CallToolResult): { kind: string; message: string; hint: string } {
  assert.equal(answer.isError, true);
  const [part] = answer.content;
  assert.equal(part?.type, "text");
  return JSON.parse(part.text).error;
}
