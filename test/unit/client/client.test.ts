import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DatmoClient } from "../../../src/client/client.ts";
import { startInMemory } from "../../../src/client/in-memory.ts";
import { isDatmoError } from "../../../src/protocol/errors.ts";
import type { Method } from "../../../src/protocol/methods.ts";
import type { EngineParts, Handler } from "../../../src/rpc/dispatch.ts";
import { Logger } from "../../../src/rpc/logger.ts";
import { serve } from "../../../src/rpc/server.ts";

/* The client is typed by the protocol, so these engines serve real methods with made-up answers. */

const HELLO = { protocolVersion: 1, client: { name: "test", version: "1" } };

async function connect(
  handlers: Partial<Record<Method, Handler>>,
  options: object = {},
): Promise<DatmoClient> {
  const { methodInfo } = await import("../../../src/protocol/methods.ts");
  const { validateParams } = await import("../../../src/protocol/validators.js");
  const parts: EngineParts = {
    handlers: handlers as Record<string, Handler>,
    methodInfo,
    validateParams,
    close: async () => {},
  };
  const link = startInMemory((transport) =>
    serve(transport, {
      engine: { name: "datmo", version: "9.9.9" },
      protocolVersion: 1,
      open: async () => parts,
      logger: new Logger("error", () => {}),
    }),
  );
  return await DatmoClient.connect(link, { ...HELLO, ...options });
}

describe("DatmoClient", () => {
  it("knows which engine answers", async () => {
    const client = await connect({});
    assert.deepEqual(client.engine, { name: "datmo", version: "9.9.9" });
    await client.close();
  });

  it("gives results, and errors as DatmoError with everything that was sent", async () => {
    const client = await connect({
      "run.get": async ({ id }: { id: string }) => {
        const { errors } = await import("../../../src/protocol/errors.ts");
        if (id === "nope") throw errors.RUN_NOT_FOUND({ id });
        return { run: { id } };
      },
    });
    assert.deepEqual(await client.request("run.get", { id: "abcd" }), { run: { id: "abcd" } });
    await assert.rejects(client.request("run.get", { id: "nope" }), (error) => {
      assert.ok(isDatmoError(error));
      assert.deepEqual(
        [error.kind, error.code, error.exitCode, error.details, error.hint],
        ["RUN_NOT_FOUND", 1100, 4, { id: "nope" }, "`datmo run ls --all` lists every run."],
      );
      return true;
    });
    await client.close();
  });

  it("has its params checked like anybody", async () => {
    const client = await connect({ "run.get": async () => ({}) });
    await assert.rejects(client.request("run.get", { identity: "x" } as never), { kind: "INVALID_PARAMS" });
    await client.close();
  });

  it("cancels by signal", async () => {
    const client = await connect({
      "run.wait": async (_params, { signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        throw signal.reason;
      },
    });
    const controller = new AbortController();
    const waiting = client.request("run.wait", { id: "abcd" }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(waiting, { kind: "CANCELLED" });
    await assert.rejects(client.request("run.wait", { id: "abcd" }, { signal: controller.signal }), {
      kind: "CANCELLED",
    });
    await client.close();
  });

  it("reports progress of the request that asked, where the method has any", async () => {
    const handler: Handler = async (params, context) => {
      context.progress({ message: "half", done: 1, total: 2 });
      return { seen: Object.keys(params) };
    };
    const client = await connect({ "store.fsck": handler, "run.get": handler });
    const updates: unknown[] = [];
    await client.request("store.fsck", {}, { onProgress: (update) => updates.push(update) });
    await client.request("store.fsck", {});
    assert.deepEqual(updates, [{ message: "half", done: 1, total: 2 }]);
    const result = await client.request("run.get", { id: "abcd" }, { onProgress: () => assert.fail() });
    assert.deepEqual(result, { seen: ["id"] });
    await client.close();
  });

  it("hands notifications to those who listen, until they stop", async () => {
    const client = await connect({
      "run.get": async (_params, context) => {
        context.notify("run.output", { runId: "r", text: "hello", offset: 0, nextOffset: 5 });
        return {};
      },
    });
    const texts: string[] = [];
    const stop = client.on("run.output", ({ text }) => void texts.push(text));
    await client.request("run.get", { id: "abcd" });
    stop();
    await client.request("run.get", { id: "abcd" });
    assert.deepEqual(texts, ["hello"]);
    await client.close();
  });

  it("refuses an engine of another version", async () => {
    await assert.rejects(connect({}, { protocolVersion: 2 }), { kind: "PROTOCOL_VERSION_UNSUPPORTED" });
  });

  it("lets open work finish when it closes, and refuses requests afterwards", async () => {
    const client = await connect({
      "run.get": () => new Promise((resolve) => setTimeout(resolve, 30, { done: true })),
    });
    const open = client.request("run.get", { id: "abcd" });
    await client.close();
    assert.deepEqual(await open, { done: true });
    await assert.rejects(client.request("run.get", { id: "abcd" }), { kind: "ENGINE_GONE" });
    await client.close();
  });
});
