/* A project on another machine: `ssh HOST datmo engine --stdio`, with a real sshd on the loopback. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { DatmoClient } from "../../src/client/client.ts";
import { spawnEngine } from "../../src/client/spawn.ts";
import { protocolVersion } from "../../src/protocol/methods.ts";
import { DATMO, makePlace, type Place } from "../helpers/datmo-process.ts";
import { installThere, type SshServer, startSshServer } from "../helpers/ssh-server.ts";

const execute = promisify(execFile);

test("the TypeScript client runs a command there, and is told of it as it happens", async (t) => {
  const { there, server } = await otherMachine(t);
  const link = spawnEngine({ engine: [...server.ssh, "datmo", "engine"] });
  const client = await DatmoClient.connect(link, {
    protocolVersion,
    client: { name: "test", version: "1" },
    projectDir: there.directory,
  });
  t.after(() => client.close());
  let text = "";
  client.on("run.output", (output) => {
    text += output.text;
  });
  const { run } = await client.request("run.start", {
    command: 'test -n "$SSH_CONNECTION" && echo loss: 0.5',
  });
  const { run: ended } = await client.request("run.wait", { id: run.id });
  assert.deepEqual([ended.status, ended.metrics, text], ["succeeded", { loss: 0.5 }, "loss: 0.5\n"]);
});

test("the command line, Python and an agent reach it by the same words", async (t) => {
  const { here, there, server } = await otherMachine(t);
  await there.ok("run", "--name", "far", "echo loss: 0.25");
  const variables = { DATMO_ENGINE: [...server.ssh, "datmo", "engine"].join(" ") };
  const listed = await here.datmo(["ls", "--json", "--project", there.directory], { variables });
  assert.equal(JSON.parse(listed.stdout).items[0].name, "far");

  const script = `
import datmo
with datmo.Engine(project=${JSON.stringify(there.directory)}) as engine:
    print([(run["name"], run["metrics"]) for run in engine.request("run.list")["items"]])
`;
  const { stdout } = await execute("python3", ["-c", script], {
    cwd: here.directory,
    env: { ...process.env, ...variables, PYTHONPATH: resolve("clients/python/src") },
  });
  assert.equal(stdout, "[('far', {'loss': 0.25})]\n");

  const [command = "", ...args] = [...server.ssh, "datmo", "mcp", "--project", there.directory];
  const agent = new Client({ name: "test", version: "1" });
  await agent.connect(new StdioClientTransport({ command, args, cwd: here.directory, stderr: "inherit" }));
  t.after(() => agent.close());
  const answer = await agent.callTool({ name: "run_get", arguments: { id: "far" } });
  assert.deepEqual((answer.structuredContent as { run: { metrics: object } }).run.metrics, { loss: 0.25 });
});

test("what ssh says when it cannot get through is told", async (t) => {
  const { here, server } = await otherMachine(t);
  const variables = { DATMO_ENGINE: [...server.ssh, "no-such-program"].join(" ") };
  const { code, stderr } = await here.datmo(["ls"], { variables });
  assert.equal(code, 70);
  assert.match(stderr, /no-such-program/);
  assert.match(stderr, /^error: .*exit code 127/m);
});

async function otherMachine(t: TestContext): Promise<{ here: Place; there: Place; server: SshServer }> {
  const [here, there, server] = [makePlace(t, "here"), makePlace(t, "there"), await startSshServer(t)];
  installThere(server, "datmo", DATMO);
  await there.ok("init");
  return { here, there, server };
}
