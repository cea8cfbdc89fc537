import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { before, describe, it } from "node:test";
import { type ConnectOptions, DatmoClient } from "../../../src/client/client.ts";
import { spawnEngine } from "../../../src/client/spawn.ts";
import { isDatmoError } from "../../../src/protocol/errors.ts";
import type { ServiceMethod } from "../../../src/protocol/methods.ts";
import { bundleFixture } from "../../helpers/bundle-fixture.ts";

const HELLO = { protocolVersion: 1, client: { name: "test", version: "1" } };
let fixture: string;
let strange: string;
before(async () => {
  fixture = await bundleFixture("test/fixtures/rpc/fixture-engine.ts");
  strange = await bundleFixture("test/fixtures/rpc/strange-engine.ts");
});

async function connect(
  engine: string,
  behaviour = "",
  options: Partial<ConnectOptions> = {},
): Promise<DatmoClient> {
  const environment = { ...process.env, STRANGE: behaviour };
  return DatmoClient.connect(spawnEngine({ engine, environment, stderr: "keep", graceMs: 200 }), {
    ...HELLO,
    ...options,
  });
}

/** The fixture's methods are not the protocol's. */
function ask(client: DatmoClient, method: string, params: object = {}): Promise<object> {
  return client.request(method as ServiceMethod, params as never);
}

describe("a spawned engine", () => {
  it("answers, and leaves when the client closes", async () => {
    const client = await connect(fixture);
    assert.deepEqual(await ask(client, "test.echo", { text: "ü" }), { params: { text: "ü" } });
    await client.close();
  });

  it("is not there: the error says what was tried", async () => {
    const link = spawnEngine({ engine: fixture, node: "/nonexistent/node", stderr: "keep" });
    await assert.rejects(DatmoClient.connect(link, HELLO), (error) => {
      assert.ok(isDatmoError(error) && error.kind === "ENGINE_NOT_FOUND");
      assert.match(error.message, /\/nonexistent\/node/);
      return true;
    });
  });

  it("cannot be loaded: the error has its last words", async () => {
    await assert.rejects(connect("/nonexistent/engine.js"), (error) => {
      assert.ok(isDatmoError(error) && error.kind === "ENGINE_GONE");
      assert.match(error.message, /exit code 1; its last words: [\s\S]*Cannot find module/);
      return true;
    });
  });

  it("dies: every open request fails with how it ended", async () => {
    const client = await connect(strange, "dies after hello");
    const open = [ask(client, "test.echo"), ask(client, "test.echo")];
    for (const request of open) {
      await assert.rejects(request, {
        kind: "ENGINE_GONE",
        message: /exit code 9; its last words: out of memory/,
      });
    }
    await assert.rejects(ask(client, "test.echo"), { kind: "ENGINE_GONE" });
    await client.close();
  });

  it("closes its output and stays: open requests fail all the same", async () => {
    const client = await connect(strange, "closes its output");
    await assert.rejects(ask(client, "test.echo"), { kind: "ENGINE_GONE", message: /closed the connection/ });
    await client.close();
  });

  it("sends what is no message: open requests fail", async () => {
    await assert.rejects(connect(strange, "answers garbage"), { kind: "ENGINE_GONE", message: /no message/ });
  });

  it("does not answer the handshake: the wait is bounded, and it is ended", async () => {
    await assert.rejects(connect(strange, "never answers", { handshakeMs: 200 }), {
      kind: "ENGINE_GONE",
      message: /within 200 ms/,
    });
  });

  it("does not leave when asked: it is made to", async () => {
    const client = await connect(strange, "does not leave");
    await client.close();
  });

  it("keeps no script alive, and does not hear its Ctrl-C", async () => {
    const script = `
      import { DatmoClient } from ${JSON.stringify(new URL("../../../src/client/client.ts", import.meta.url).href)};
      import { spawnEngine } from ${JSON.stringify(new URL("../../../src/client/spawn.ts", import.meta.url).href)};
      const client = await DatmoClient.connect(spawnEngine({ engine: ${JSON.stringify(fixture)} }), ${JSON.stringify(HELLO)});
      process.on("SIGINT", () => {});
      process.kill(-process.pid, "SIGINT");
      console.log(JSON.stringify(await client.request("test.echo", { a: 1 })));`;
    const args = ["--import", "tsx", "--input-type=module", "-e", script];
    const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.on("data", (part: Buffer) => {
      text += part;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.deepEqual([code, text], [0, '{"params":{"a":1}}\n']);
  });
});
