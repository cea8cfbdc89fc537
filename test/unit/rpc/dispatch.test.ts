import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fixtureParts, objectWithoutWrong } from "../../fixtures/rpc/fixture-parts.ts";
import { startReady } from "../../helpers/fixture-server.ts";
import { frame, notification, rawFrame, request } from "../../helpers/frames.ts";

describe("dispatch", () => {
  it("answers with the result, whether the handler waits or not", async () => {
    const { ask } = await startReady();
    assert.deepEqual((await ask("test.echo", { a: [1, "ü"] })).result, { params: { a: [1, "ü"] } });
    assert.deepEqual((await ask("test.sync", { a: 1 })).result, { params: { a: 1 } });
  });

  it("answers requests as they are done, not as they came", async () => {
    const { input, output } = await startReady();
    for (const [id, ms] of [
      [1, 60],
      [2, 30],
      [3, 0],
    ] as const)
      input.write(request(id, "test.later", { ms }));
    await output.until((messages) => messages.length === 4);
    assert.deepEqual(
      output.messages.slice(1).map((message) => message.id),
      [3, 2, 1],
    );
  });

  it("gives a request without params an empty object", async () => {
    const { input, output } = await startReady();
    input.write(frame({ jsonrpc: "2.0", id: 1, method: "test.echo" }));
    assert.deepEqual((await output.answer(1)).result, { params: {} });
  });

  it("answers unknown methods, also ones that every object has", async () => {
    const { ask } = await startReady();
    for (const method of ["no.such", "constructor", "__proto__", "toString", ""]) {
      const { error } = await ask(method);
      assert.deepEqual([error?.code, error?.data["details"]], [-32601, { method }]);
    }
  });

  it("answers wrong params with where and what, without calling the handler", async () => {
    const { ask, recorded } = await startReady();
    const { error } = await ask("test.echo", { wrong: 1 });
    assert.equal(error?.code, -32602);
    assert.equal(error?.message, 'test.echo has no property "wrong".');
    assert.deepEqual((error?.data["details"] as { problems: unknown }).problems, [
      { path: "", message: 'has no property "wrong"' },
    ]);
    for (const params of [[1], null, 5, "x"])
      assert.equal((await ask("test.echo", params)).error?.code, -32602);
    assert.deepEqual(recorded.called, []);
  });

  it("sends an expected error with its kind, details, hint, and the request's log lines", async () => {
    const { ask } = await startReady();
    const { error } = await ask("test.refuse");
    assert.equal(error?.code, 1100);
    assert.deepEqual(error?.data, {
      kind: "RUN_NOT_FOUND",
      details: { id: "nope" },
      hint: "`datmo run ls --all` lists every run.",
      log: ["looked for the run"],
    });
  });

  it("keeps the stack of a bug in the log, under the reference in the answer", async () => {
    const { ask, log } = await startReady();
    for (const method of ["test.bug", "test.throw", "test.circular"]) {
      const { error } = await ask(method);
      assert.deepEqual([error?.code, error?.data["kind"]], [-32603, "INTERNAL_ERROR"]);
      assert.doesNotMatch(JSON.stringify(error), /at .*\.ts:/);
      const { reference } = error?.data["details"] as { reference: string };
      const record = log.find((entry) => entry.fields?.["reference"] === reference);
      assert.match(String(record?.fields?.["stack"]), /at .*:\d+/);
    }
  });

  it("goes on after messages that are none, and says what they are", async () => {
    const { input, output, ask } = await startReady();
    const cases: [body: string, id: number | null, reason: RegExp][] = [
      ['[{"jsonrpc":"2.0","id":1,"method":"test.echo"}]', null, /a batch/],
      ["42", null, /not an object/],
      ["null", null, /not an object/],
      ['{"id":5,"method":"test.echo"}', 5, /"jsonrpc"/],
      ['{"jsonrpc":"2.0","id":6}', 6, /no method/],
      ['{"jsonrpc":"2.0","id":{},"method":"test.echo"}', null, /an id/],
      ['{"jsonrpc":"2.0","id":null,"method":"test.echo"}', null, /an id/],
      ['{"jsonrpc":"2.0","id":7,"method":9}', 7, /no method/],
    ];
    for (const [body, id, reason] of cases) {
      const before = output.messages.length;
      input.write(rawFrame(body));
      await output.until((messages) => messages.length > before);
      const { error, id: answered } = output.messages.at(-1)!;
      assert.deepEqual([error?.code, answered], [-32600, id], body);
      assert.match(error!.message, reason);
    }
    assert.ok((await ask("test.echo")).result);
  });

  it("refuses an id that is still open", async () => {
    const { input, output } = await startReady();
    input.write(request(1, "test.later", { ms: 20 }));
    input.write(request(1, "test.echo"));
    await output.until((messages) => messages.filter((message) => message.id === 1).length === 2);
    const [first, second] = output.messages.filter((message) => message.id === 1);
    assert.equal(first?.error?.code, -32600);
    assert.deepEqual(second?.result, { ms: 20 });
  });

  it("ignores notifications and responses that it does not know", async () => {
    const { input, output, ask, recorded } = await startReady();
    input.write(notification("$/setTrace", { value: "off" }));
    input.write(notification("test.echo", {}));
    input.write(notification("$/cancelRequest", { id: 99 }));
    input.write(frame({ jsonrpc: "2.0", method: "$/cancelRequest", params: null }));
    input.write(frame({ jsonrpc: "2.0", id: 1, result: {} }));
    input.write(frame({ jsonrpc: "2.0", id: 2, error: { code: 1, message: "" } }));
    await ask("test.sync");
    assert.equal(output.messages.length, 2);
    assert.deepEqual(recorded.called, ["test.sync"]);
  });

  it("answers a message over the limit under its id and goes on", async () => {
    const { input, output, ask } = await startReady({ maxBodyBytes: 10_000 });
    input.write(request(4, "test.echo", { text: "x".repeat(20_000) }));
    const { error } = await output.answer(4);
    assert.deepEqual([error?.code, error?.data["kind"]], [1701, "MESSAGE_TOO_LARGE"]);
    assert.ok((await ask("test.echo")).result);
  });

  it("answers garbage with -32700 and id null, then closes", async () => {
    const { input, output, server } = await startReady();
    input.write(request(1, "test.later", { ms: 20 }));
    input.write("Segmentation fault\r\n");
    assert.equal((await output.answer(null)).error?.code, -32700);
    assert.equal(await server.closed, "protocolError");
    assert.deepEqual((await output.answer(1)).result, { ms: 20 });
  });

  it("holds results against their schema when told to", async () => {
    const parts = fixtureParts();
    const { ask } = await startReady({
      open: async () => ({
        ...parts,
        validateResult: { "test.echo": objectWithoutWrong, "test.sync": () => false },
      }),
    });
    assert.ok((await ask("test.echo")).result);
    assert.equal((await ask("test.sync")).error?.code, -32603);
  });

  it("does not start with a handler that the protocol does not know", async () => {
    const parts = fixtureParts();
    const handlers = { ...parts.handlers, "run.fly": async () => ({}) };
    const { ask } = await startReady({ open: async () => ({ ...parts, handlers }) });
    assert.match((await ask("test.echo")).error!.message, /run\.fly is not in the protocol/);
  });
});
