import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fixtureParts } from "../../fixtures/rpc/fixture-parts.ts";
import { startFixture, startReady } from "../../helpers/fixture-server.ts";
import { INITIALIZE_PARAMS, notification, request } from "../../helpers/frames.ts";

describe("lifecycle", () => {
  it("answers initialize with version and engine", async () => {
    const { ask } = startFixture();
    assert.deepEqual((await ask("initialize", INITIALIZE_PARAMS)).result, {
      protocolVersion: 1,
      engine: { name: "datmo", version: "1.2.3" },
      capabilities: {},
    });
  });

  it("answers everything else with -32002 before it", async () => {
    const { ask, recorded } = startFixture();
    for (const method of ["test.echo", "shutdown", "no.such"]) {
      const { error } = await ask(method);
      assert.deepEqual([error?.code, error?.data["kind"]], [-32002, "NOT_INITIALIZED"]);
    }
    assert.deepEqual(recorded.called, []);
  });

  it("refuses another version with both numbers, and may be asked again", async () => {
    const { ask } = startFixture();
    const { error } = await ask("initialize", { ...INITIALIZE_PARAMS, protocolVersion: 2, newField: true });
    assert.equal(error?.data["kind"], "PROTOCOL_VERSION_UNSUPPORTED");
    assert.deepEqual(error?.data["details"], { engine: 1, client: 2 });
    assert.ok((await ask("initialize", INITIALIZE_PARAMS)).result);
  });

  it("refuses a second initialize", async () => {
    const { ask } = await startReady();
    assert.equal((await ask("initialize", INITIALIZE_PARAMS)).error?.code, -32600);
  });

  it("loads the parts only after initialize was answered, and keeps requests in order until then", async () => {
    let load = (): void => {};
    const loaded = new Promise<void>((resolve) => {
      load = resolve;
    });
    const recorded = { called: [] as string[], closed: 0 };
    const fixture = startFixture({
      open: async () => {
        await loaded;
        return fixtureParts(recorded);
      },
    });
    assert.ok((await fixture.ask("initialize", INITIALIZE_PARAMS)).result);
    const answers = [
      fixture.ask("test.echo", { n: 1 }),
      fixture.ask("test.sync"),
      fixture.ask("test.echo", { n: 2 }),
    ];
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(recorded.called, []);
    load();
    await Promise.all(answers);
    assert.deepEqual(recorded.called, ["test.echo", "test.sync", "test.echo"]);
  });

  it("answers every request with the reason when the parts cannot be loaded", async () => {
    const { ask, log } = await startReady({ open: () => Promise.reject(new Error("no such module")) });
    for (let i = 0; i < 2; i++) {
      const { error } = await ask("test.echo");
      assert.equal(error?.data["kind"], "INTERNAL_ERROR");
      assert.match(error!.message, /no such module/);
    }
    assert.ok(log.some((record) => record.level === "error"));
  });

  it("finishes open work at shutdown, refuses new work, and leaves at exit", async () => {
    const { ask, input, recorded, server } = await startReady();
    const later = ask("test.later", { ms: 50 });
    const waiting = ask("test.wait");
    const shutdown = ask("shutdown");
    assert.equal((await ask("test.echo")).error?.code, -32600);
    assert.deepEqual((await later).result, { ms: 50 });
    assert.equal((await waiting).error?.code, -32800);
    assert.deepEqual((await shutdown).result, {});
    assert.equal(recorded.closed, 1);
    input.write(notification("exit"));
    assert.equal(await server.closed, "exit");
    assert.equal(recorded.closed, 1);
  });

  it("takes in and answers what was sent before the input ended", async () => {
    const { input, output, server, recorded } = startFixture();
    input.write(request(1, "initialize", INITIALIZE_PARAMS));
    input.write(request(2, "test.later", { ms: 20 }));
    input.write(request(3, "test.echo", { a: 1 }));
    input.end();
    assert.equal(await server.closed, "endOfInput");
    assert.deepEqual((await output.answer(2)).result, { ms: 20 });
    assert.deepEqual((await output.answer(3)).result, { params: { a: 1 } });
    assert.equal(recorded.closed, 1);
  });

  it("cancels what may take for ever when the input ends", async () => {
    const { input, output, server } = await startReady();
    input.write(request(1, "test.wait"));
    input.end();
    await server.closed;
    assert.equal((await output.answer(1)).error?.code, -32800);
  });

  it("ends without initialize", async () => {
    const { input, server, recorded } = startFixture();
    input.write(notification("exit"));
    assert.equal(await server.closed, "exit");
    assert.equal(recorded.closed, 0);
  });
});
