import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { Logger } from "../../../src/rpc/logger.ts";
import { createMemoryPair } from "../../../src/rpc/memory-transport.ts";
import { serve } from "../../../src/rpc/server.ts";
import { stdioTransport } from "../../../src/rpc/stdio-transport.ts";
import type { Transport } from "../../../src/rpc/transport.ts";
import { fixtureParts } from "../../fixtures/rpc/fixture-parts.ts";
import { INITIALIZE_PARAMS } from "../../helpers/frames.ts";

/* Editors bring their own JSON-RPC: a stock client must get along with the engine, and with its readers and writers. */

function startEngine(transport: Transport): void {
  serve(transport, {
    engine: { name: "datmo", version: "1" },
    protocolVersion: 1,
    open: async () => fixtureParts(),
    logger: new Logger("error", () => {}),
  });
}

const ways: Record<string, () => MessageConnection> = {
  "over bytes, with its own reader and writer": () => {
    const toEngine = new PassThrough();
    const fromEngine = new PassThrough();
    startEngine(stdioTransport({ input: toEngine, output: fromEngine }));
    return createMessageConnection(new StreamMessageReader(fromEngine), new StreamMessageWriter(toEngine));
  },
  "over bytes, with ours": () => {
    const toEngine = new PassThrough();
    const fromEngine = new PassThrough();
    startEngine(stdioTransport({ input: toEngine, output: fromEngine }));
    const { reader, writer } = stdioTransport({ input: fromEngine, output: toEngine });
    return createMessageConnection(reader, writer);
  },
  "in memory, with ours": () => {
    const [ours, theirs] = createMemoryPair();
    startEngine(theirs);
    return createMessageConnection(ours.reader, ours.writer);
  },
};

for (const [name, connect] of Object.entries(ways)) {
  describe(`a vscode-jsonrpc client ${name}`, () => {
    it("has the whole conversation", async () => {
      const connection = connect();
      connection.listen();
      await connection.sendRequest("initialize", INITIALIZE_PARAMS);
      await connection.sendNotification("initialized", {});
      assert.deepEqual(await connection.sendRequest("test.echo", { text: "ü🦊" }), {
        params: { text: "ü🦊" },
      });

      const updates: unknown[] = [];
      connection.onNotification("$/progress", (params: unknown) => void updates.push(params));
      await connection.sendRequest("test.progress", { steps: 1, progressToken: "t" });
      assert.deepEqual(updates, [{ token: "t", value: { message: "step 1", done: 1, total: 1 } }]);

      const source = new CancellationTokenSource();
      const waiting = connection.sendRequest("test.wait", {}, source.token);
      source.cancel();
      await assert.rejects(waiting, (error) => error instanceof ResponseError && error.code === -32800);
      await assert.rejects(
        connection.sendRequest("test.refuse", {}),
        (error) =>
          error instanceof ResponseError && error.code === 1100 && error.data.kind === "RUN_NOT_FOUND",
      );
      const closed = new Promise<void>((resolve) => connection.onClose(resolve));
      await connection.sendRequest("shutdown", {});
      await connection.sendNotification("exit");
      await closed;
      connection.dispose();
    });
  });
}
