import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { bundleFixture } from "../../helpers/bundle-fixture.ts";
import { FrameCollector, INITIALIZE_PARAMS, notification, request } from "../../helpers/frames.ts";

interface RunningEngine {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly output: FrameCollector;
  readonly stderr: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  write(...messages: Buffer[]): void;
}

let file: string;
const running = new Set<RunningEngine>();
before(async () => {
  file = await bundleFixture("test/fixtures/rpc/fixture-engine.ts");
});
after(() => {
  for (const { child } of running) child.kill("SIGKILL");
});

function start(env: Record<string, string> = {}): RunningEngine {
  const child = spawn(process.execPath, [file], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const output = new FrameCollector();
  child.stdout.on("data", output.push);
  child.stdin.on("error", () => {});
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal!));
  });
  const engine: RunningEngine = {
    child,
    output,
    stderr: () => text,
    ended,
    write: (...messages) => void child.stdin.write(Buffer.concat(messages)),
  };
  running.add(engine);
  void ended.then(() => running.delete(engine));
  return engine;
}

async function ready(env?: Record<string, string>): Promise<RunningEngine> {
  const engine = start(env);
  engine.write(request(0, "initialize", INITIALIZE_PARAMS), notification("initialized"));
  await engine.output.answer(0);
  return engine;
}

describe("the engine on stdio", () => {
  it("keeps everything that is printed off stdout, at import and later", async () => {
    const { output, write, stderr, child, ended } = await ready();
    write(request(1, "test.shout", { a: 1 }));
    assert.deepEqual((await output.answer(1)).result, { params: { a: 1 } });
    child.stdin.end();
    assert.equal(await ended, 0);
    assert.equal(output.garbage, undefined);
    assert.equal(output.messages.length, 2);
    for (const where of ["at import", "while loading", "in a handler"]) {
      for (const how of ["log", "info", "process.stdout", "named import"]) {
        assert.match(stderr(), new RegExp(`^${how} ${where}$`, "m"));
      }
    }
  });

  it("leaves at exit, with 0", async () => {
    const { write, ended } = await ready();
    write(request(1, "shutdown"), notification("exit"));
    assert.equal(await ended, 0);
  });

  it("answers what it was sent before the end of input, and leaves with 0", async () => {
    const { write, child, output, ended } = start();
    write(request(0, "initialize", INITIALIZE_PARAMS), request(1, "test.later", { ms: 30 }));
    child.stdin.end();
    assert.equal(await ended, 0);
    assert.deepEqual((await output.answer(1)).result, { ms: 30 });
  });

  it("leaves at an end of input in the middle of a message", async () => {
    const { child, output, ended } = await ready();
    child.stdin.end(request(1, "test.echo").subarray(0, 30));
    assert.equal(await ended, 70);
    assert.equal((await output.answer(null)).error?.code, -32700);
  });

  it("answers garbage and leaves with 70", async () => {
    const { write, output, ended } = await ready();
    write(Buffer.from("hello?\n"));
    assert.equal((await output.answer(null)).error?.code, -32700);
    assert.equal(await ended, 70);
  });

  it("writes a large answer whole before it leaves", async () => {
    const { write, child, output, ended } = await ready();
    const text = "x".repeat(8_000_000);
    child.stdout.pause();
    write(request(1, "test.echo", { text }));
    child.stdin.end();
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.stdout.resume();
    assert.equal(await ended, 0);
    assert.equal(((await output.answer(1)).result?.["params"] as { text: string }).text.length, text.length);
  });

  it("survives a client that goes away while it sends", async () => {
    const { write, child, ended, stderr } = await ready();
    child.stdout.destroy();
    write(request(1, "test.notify", { method: "run.output", count: 200, bytes: 10_000 }));
    assert.equal(await ended, 0);
    assert.doesNotMatch(stderr(), /EPIPE|nobody caught/);
  });

  it("ignores SIGINT, and ends in good order at SIGTERM", async () => {
    const { write, child, output, ended } = await ready();
    child.kill("SIGINT");
    write(request(1, "test.later", { ms: 50 }), request(2, "test.later", { ms: 200 }));
    assert.ok((await output.answer(1)).result);
    child.kill("SIGTERM");
    assert.equal(await ended, 0);
    assert.ok((await output.answer(2)).result);
  });

  it("leaves with 70 after an exception that nobody caught, with the stack on stderr", async () => {
    const { write, output, ended, stderr } = await ready();
    write(request(1, "test.later", { ms: 100 }), request(2, "test.crash"));
    assert.equal(await ended, 70);
    assert.ok((await output.answer(1)).result);
    const record = JSON.parse(
      stderr()
        .split("\n")
        .find((line) => line.startsWith("{"))!,
    );
    assert.match(record.fields.stack, /nobody catches this[\s\S]*at /);
  });

  it("logs one JSON object a line on stderr, from the level of DATMO_LOG on", async () => {
    for (const [level, expected] of [
      ["info", true],
      ["warn", false],
    ] as const) {
      const { write, output, child, ended, stderr } = await ready({ DATMO_LOG: level });
      write(request(1, "test.refuse"));
      await output.answer(1);
      child.stdin.end();
      await ended;
      const lines = stderr()
        .split("\n")
        .filter((line) => line.startsWith("{"));
      const records = lines.map((line) => JSON.parse(line));
      assert.equal(
        records.some((record) => record.message === "looked for the run" && record.level === "info"),
        expected,
      );
    }
  });

  it("leaves when its parent is gone, though somebody else holds the pipes", async () => {
    // The engine's parent is a shell that is killed; its pipes stay open here.
    const script = `"${process.execPath}" "${file}" <&3 >&4 & echo $!; wait`;
    const shell = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore", "pipe", "pipe"] });
    const [, shellOutput, , toEngine, fromEngine] = shell.stdio as [null, Readable, null, Writable, Readable];
    const output = new FrameCollector();
    fromEngine.on("data", output.push);
    const engineId = Number(await new Promise<Buffer>((resolve) => shellOutput.once("data", resolve)));
    toEngine.write(request(0, "initialize", INITIALIZE_PARAMS));
    await output.answer(0);
    shell.kill("SIGKILL");
    await new Promise((resolve) => fromEngine.once("end", resolve));
    while (isRunning(engineId)) await new Promise((resolve) => setTimeout(resolve, 20));
    toEngine.destroy();
  });
});

/** An orphan that nobody waits for stays as a zombie: that is no longer running. */
function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, "utf8"));
  } catch {
    return false;
  }
}
