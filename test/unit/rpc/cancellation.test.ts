import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fixtureParts } from "../../fixtures/rpc/fixture-parts.ts";
import { startFixture, startReady } from "../../helpers/fixture-server.ts";
import { INITIALIZE_PARAMS, notification, request } from "../../helpers/frames.ts";

describe("cancellation", () => {
  it("aborts the handler's signal, and the request answers -32800", async () => {
    const { input, output } = await startReady();
    input.write(request(1, "test.wait"));
    input.write(notification("$/cancelRequest", { id: 1 }));
    const { error } = await output.answer(1);
    assert.deepEqual([error?.code, error?.data["kind"]], [-32800, "CANCELLED"]);
  });

  it("cancels only the request that was named; a number is not a string", async () => {
    const { input, output, ask } = await startReady();
    for (const id of [1, "1", 2]) input.write(request(id, "test.wait"));
    input.write(notification("$/cancelRequest", { id: "1" }));
    await output.answer("1");
    await ask("test.echo");
    assert.deepEqual(
      output.messages.filter((message) => message.error !== undefined).map((message) => message.id),
      ["1"],
    );
  });

  it("answers with the result when the handler was faster or does not listen", async () => {
    const { input, output } = await startReady();
    input.write(request(1, "test.stubborn", { ms: 10 }));
    input.write(notification("$/cancelRequest", { id: 1 }));
    assert.deepEqual((await output.answer(1)).result, { ms: 10 });
    input.write(notification("$/cancelRequest", { id: 1 }));
  });

  it("lets a method that is not cancellable go on", async () => {
    const { input, output } = await startReady();
    input.write(request(1, "test.later", { ms: 10 }));
    input.write(notification("$/cancelRequest", { id: 1 }));
    assert.deepEqual((await output.answer(1)).result, { ms: 10 });
  });

  it("cancels a request that still waits for the engine to load, without calling its handler", async () => {
    const recorded = { called: [] as string[], closed: 0 };
    const { input, output } = startFixture({
      open: async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return fixtureParts(recorded);
      },
    });
    input.write(request(0, "initialize", INITIALIZE_PARAMS));
    input.write(request(1, "test.wait"));
    input.write(request(2, "test.echo"));
    for (const id of [1, 2]) input.write(notification("$/cancelRequest", { id }));
    assert.equal((await output.answer(1)).error?.code, -32800);
    assert.ok((await output.answer(2)).result);
    assert.deepEqual(recorded.called, ["test.echo"]);
  });
});

describe("progress", () => {
  it("is sent under the caller's token, and not after the answer", async () => {
    const { input, output, ask } = await startReady();
    input.write(request(1, "test.progress", { steps: 2, progressToken: "t1" }));
    await output.answer(1);
    await ask("test.later", { ms: 10 });
    assert.deepEqual(
      output.messages.filter((message) => message.method === "$/progress").map((message) => message.params),
      [
        { token: "t1", value: { message: "step 1", done: 1, total: 2 } },
        { token: "t1", value: { message: "step 2", done: 2, total: 2 } },
      ],
    );
  });

  it("is not sent to a caller that gave no token", async () => {
    const { output, ask } = await startReady();
    await ask("test.progress", { steps: 2 });
    assert.ok(output.messages.every((message) => message.method === undefined));
  });
});

describe("log", () => {
  it("goes to the client as $/logMessage when it asked for it", async () => {
    const { output, ask } = await startReady({ capabilities: { logMessages: true } });
    await ask("test.refuse");
    const logged = output.messages.filter((message) => message.method === "$/logMessage");
    assert.deepEqual(
      logged.map(({ params }) => [params?.["level"], params?.["message"]]),
      [["info", "looked for the run"]],
    );
  });

  it("stays here otherwise", async () => {
    const { output, ask, log } = await startReady();
    await ask("test.refuse");
    assert.equal(log.length, 1);
    assert.ok(output.messages.every((message) => message.method === undefined));
  });
});
