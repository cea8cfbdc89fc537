import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FLOW_LIMITS } from "../../../src/rpc/in-flight.ts";
import { fixtureParts } from "../../fixtures/rpc/fixture-parts.ts";
import { startReady } from "../../helpers/fixture-server.ts";
import { notification, rawFrame, request } from "../../helpers/frames.ts";

const MEGABYTE = 1024 * 1024;

describe("a client that reads nothing", () => {
  it("costs a bounded amount of memory for output, and reads on from the right offset later", async () => {
    const { input, output, valve, recorded } = await startReady();
    valve.shut();
    const chunk = 10_000;
    const count = 20_000;
    input.write(request(1, "test.notify", { method: "run.output", count, bytes: chunk }));
    while (recorded.called.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(valve.writableLength < 2 * MEGABYTE, `${valve.writableLength} bytes are held`);
    valve.release();
    await output.answer(1);
    await output.until((messages) => messages.some(({ params }) => params?.["nextOffset"] === count * chunk));
    const parts = output.messages.filter((message) => message.method === "run.output");
    let read = 0;
    for (const { params } of parts) {
      assert.equal(params!["offset"], read);
      if (params!["text"] !== "") assert.equal((params!["text"] as string).length, chunk);
      read = params!["nextOffset"] as number;
    }
    assert.equal(parts.at(-1)?.params?.["text"], "");
  });

  it("stops being read when it does not take its answers", async () => {
    const { input, valve, recorded, output } = await startReady();
    valve.shut();
    const total = 5000;
    const text = "x".repeat(10_000);
    for (let id = 0; id < total; id++) {
      input.write(request(id, "test.echo", { text }));
      // As a pipe does: a few messages at a time.
      if (id % 6 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await settled(() => recorded.called.length);
    assert.ok(recorded.called.length < total / 2, `${recorded.called.length} requests were taken`);
    assert.ok(valve.writableLength < FLOW_LIMITS.unreadBytes + 2 * MEGABYTE);
    valve.release();
    await output.until((messages) => messages.length === total + 1);
  });

  it("stops being read when it sends nonsense and does not take its answers", async () => {
    const { input, valve, output } = await startReady();
    valve.shut();
    const nonsense = rawFrame("[]");
    const total = 100_000;
    for (let i = 0; i < total; i++) input.write(nonsense);
    await settled(() => input.readableLength);
    assert.ok(input.readableLength > 0);
    assert.ok(valve.writableLength < FLOW_LIMITS.unreadBytes + MEGABYTE);
    valve.release();
    await output.until((messages) => messages.length === total + 1);
  });

  it("still ends", async () => {
    const { input, valve, server, ask } = await startReady();
    await ask("test.echo");
    valve.shut();
    input.write(request(1, "test.notify", { method: "run.output", count: 1000, bytes: 10_000 }));
    valve.destroy();
    assert.equal(await server.closed, "peerGone");
  });
});

describe("many open requests", () => {
  it("make reading wait until some are answered", async () => {
    const limits = { ...FLOW_LIMITS, requests: 10 };
    let open = 0;
    let most = 0;
    const count = async (): Promise<object> => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 2));
      open--;
      return {};
    };
    const parts = fixtureParts();
    const handlers = { ...parts.handlers, "test.echo": count };
    const { input, output } = await startReady({ limits, open: async () => ({ ...parts, handlers }) });
    for (let id = 1; id <= 100; id++) input.write(request(id, "test.echo"));
    await output.until((messages) => messages.length === 101);
    assert.equal(most, 11);
  });

  it("that may take for ever do not keep a cancellation from coming through; too many are refused", async () => {
    const limits = { ...FLOW_LIMITS, requests: 2, longRequests: 5 };
    const { input, output } = await startReady({ limits });
    for (let id = 1; id <= 6; id++) input.write(request(id, "test.wait"));
    assert.equal((await output.answer(6)).error?.data["kind"], "ENGINE_BUSY");
    input.write(notification("$/cancelRequest", { id: 3 }));
    assert.equal((await output.answer(3)).error?.code, -32800);
    input.write(request(7, "test.wait"));
    input.write(notification("$/cancelRequest", { id: 7 }));
    assert.equal((await output.answer(7)).error?.code, -32800);
  });
});

describe("notifications held back", () => {
  it("are reduced to what is true now", async () => {
    const { HeldNotifications } = await import("../../../src/rpc/coalesce.ts");
    const held = new HeldNotifications();
    held.add("run.output", { runId: "a", text: "one", offset: 0, nextOffset: 3 });
    held.add("metric.logged", { runId: "a", from: 0, to: 10, names: ["loss"] });
    held.add("run.statusChanged", { runId: "a", run: { status: "running" } });
    held.add("run.output", { runId: "b", text: "other", offset: 5, nextOffset: 10 });
    held.add("metric.logged", { runId: "a", from: 10, to: 30, names: ["acc", "loss"] });
    held.add("run.output", { runId: "a", text: "two", offset: 3, nextOffset: 6 });
    held.add("run.statusChanged", { runId: "a", run: { status: "failed" } });
    held.add("plugin.event", { n: 1 });
    held.add("plugin.event", { n: 2 });
    const taken = Array.from({ length: held.size }, () => held.take());
    assert.deepEqual(taken, [
      { method: "run.output", params: { runId: "b", text: "", offset: 5, nextOffset: 10 } },
      { method: "metric.logged", params: { runId: "a", from: 0, to: 30, names: ["loss", "acc"] } },
      { method: "run.output", params: { runId: "a", text: "", offset: 0, nextOffset: 6 } },
      { method: "run.statusChanged", params: { runId: "a", run: { status: "failed" } } },
      { method: "plugin.event", params: { n: 1 } },
      { method: "plugin.event", params: { n: 2 } },
    ]);
  });
});

/** Waits until a number has not changed for a while of turns of the loop. */
async function settled(value: () => number): Promise<void> {
  let last = Number.NaN;
  let turns = 0;
  while (turns < 50) {
    await new Promise((resolve) => setImmediate(resolve));
    turns = value() === last ? turns + 1 : 0;
    last = value();
  }
}
