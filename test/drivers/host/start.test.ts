import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createHostDriver } from "../../../src/drivers/host/host-driver.ts";
import type { StartSpec } from "../../../src/services/ports/drivers.ts";
import { makePlace, until } from "./helpers.ts";

const driver = createHostDriver();

async function run(t: TestContext, command: string | string[], more?: Partial<StartSpec>) {
  const place = makePlace(t);
  const started = await driver.start(place.spec(command, more));
  const exit = await started.exited;
  return { ...place, exit, output: readFileSync(join(place.taskDirectory, "output.log"), "latin1") };
}

test("output of both streams is recorded, the exit code is told, files are the user's alone", async (t) => {
  const before = Date.now();
  const { exit, output, taskDirectory } = await run(t, "echo out; echo err >&2; exit 3");
  assert.equal(output, "out\nerr\n");
  assert.equal(exit.exitCode, 3);
  assert.equal(exit.signal, undefined);
  assert.ok(Date.parse(exit.endedAt) >= before - 1 && Date.parse(exit.endedAt) <= Date.now());
  assert.deepEqual(await driver.inspect(taskDirectory), { state: "ended", exit });
  assert.equal(statSync(taskDirectory).mode & 0o777, 0o700);
  for (const name of ["output.log", "exit.json", "process.json"]) {
    assert.equal(statSync(join(taskDirectory, name)).mode & 0o777, 0o600, name);
  }
});

test("words are executed as they are", async (t) => {
  const words = ["a b", "$HOME", "*", "'", '"', "", "\\n", ";", "é\u{1f600}", "-n"];
  const { output } = await run(t, ["printf", "[%s]", ...words]);
  assert.equal(Buffer.from(output, "latin1").toString(), words.map((word) => `[${word}]`).join(""));
});

test("programs are run, not builtins of a shell", async (t) => {
  const { exit } = await run(t, ["exit", "5"]);
  assert.equal(exit.exitCode, 127);
});

test("the command has its directory, its environment and nothing besides", async (t) => {
  const { output, directory } = await run(t, ["env"], {
    environment: {
      PATH: "/usr/bin:/bin",
      PLAIN: "a b",
      "odd.name": "1",
      "BASH_FUNC_f%%": "() { echo; }",
      datmo_go: "x",
    },
  });
  const lines = output
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("_=") && !line.startsWith("SHLVL="));
  assert.deepEqual(lines.sort(), [
    "BASH_FUNC_f%%=() { echo; }",
    "PATH=/usr/bin:/bin",
    "PLAIN=a b",
    `PWD=${directory}`,
    "odd.name=1",
  ]);
});

test("a PATH without system folders does not lose the exit code", async (t) => {
  const { exit } = await run(t, "exit 4", { environment: { PATH: "/nowhere" } });
  assert.equal(exit.exitCode, 4);
});

test("not found is 127, not executable 126, each told in the output", async (t) => {
  const missing = await run(t, ["no-such-program", "x"]);
  assert.equal(missing.exit.exitCode, 127);
  assert.match(missing.output, /no-such-program: not found/);
  const place = makePlace(t);
  writeFileSync(join(place.directory, "plain.txt"), "text");
  const refused = await driver.start(place.spec(["./plain.txt"]));
  assert.equal((await refused.exited).exitCode, 126);
  assert.match(
    readFileSync(join(place.taskDirectory, "output.log"), "utf8"),
    /plain\.txt: Permission denied/,
  );
});

test("death by signal is 128 + n, also of a command that signals its whole group", async (t) => {
  const one = await run(t, "kill -SEGV $$");
  assert.deepEqual([one.exit.exitCode, one.exit.signal], [139, "SIGSEGV"]);
  const group = await run(t, "kill -TERM 0; sleep 5");
  assert.deepEqual([group.exit.exitCode, group.exit.signal], [143, "SIGTERM"]);
  const killed = await run(t, ["sh", "-c", "kill -KILL $$"]);
  assert.deepEqual([killed.exit.exitCode, killed.exit.signal, killed.output], [137, "SIGKILL", ""]);
});

test("a command gets the default of every signal, and no input", async (t) => {
  const script = `
import signal, sys
names = [s.name for s in signal.Signals if signal.getsignal(s) == signal.SIG_IGN]
print([n for n in names if n not in ("SIGPIPE", "SIGXFSZ")], repr(sys.stdin.read()))`;
  const { output } = await run(t, ["python3", "-S", "-c", script]);
  assert.equal(output, "[] ''\n");
});

test("standard input that is no terminal is handed over, and the output still recorded", async (t) => {
  const place = makePlace(t);
  const input = join(place.directory, "input.txt");
  writeFileSync(input, "typed\n");
  const handle = await open(input, "r");
  const interactive = createHostDriver({ terminal: { stdin: handle.fd, stdout: 1, stderr: 2 } });
  const started = await interactive.start(place.spec("read word; echo got $word", { interactive: true }));
  assert.equal((await started.exited).exitCode, 0);
  await handle.close();
  assert.equal(readFileSync(join(place.taskDirectory, "output.log"), "utf8"), "got typed\n");
});

test("the exit code reaches a project that was moved while the command ran", async (t) => {
  const place = makePlace(t);
  const started = await driver.start(
    place.spec("touch begun; while [ ! -e go ]; do sleep 0.02; done; exit 6"),
  );
  await until(() => statSync(join(place.directory, "begun"), { throwIfNoEntry: false }));
  const moved = join(place.directory, "moved");
  mkdirSync(moved);
  renameSync(join(place.directory, ".datmo"), join(moved, ".datmo"));
  writeFileSync(join(place.directory, "go"), "");
  const movedTask = place.taskDirectory.replace("/.datmo/", "/moved/.datmo/");
  const state = await until(async () => {
    const now = await driver.inspect(movedTask);
    return now.state === "ended" && now;
  });
  assert.equal(state.exit.exitCode, 6);
  await started.exited;
});

test("what cannot be started is told", async (t) => {
  const place = makePlace(t);
  await assert.rejects(driver.start(place.spec([])), { kind: "COMMAND_NOT_STARTED" });
  await assert.rejects(driver.start(place.spec(["a\0b"])), { kind: "COMMAND_NOT_STARTED" });
  const other = makePlace(t);
  await assert.rejects(driver.start(other.spec(["true"], { directory: join(other.directory, "none") })), {
    kind: "COMMAND_NOT_STARTED",
    message: /working directory .*none does not exist/,
  });
  const long = makePlace(t);
  await assert.rejects(driver.start(long.spec(["true", "x".repeat(4_000_000)])), {
    kind: "COMMAND_NOT_STARTED",
    message: /too long/,
  });
});

test("a folder is used once, and links in it are not followed", async (t) => {
  const place = makePlace(t);
  await (await driver.start(place.spec("true"))).exited;
  await assert.rejects(driver.start(place.spec("true")), { kind: "COMMAND_NOT_STARTED", message: /before/ });
  const other = makePlace(t);
  mkdirSync(other.taskDirectory, { recursive: true });
  writeFileSync(join(other.directory, "victim"), "safe");
  symlinkSync(join(other.directory, "victim"), join(other.taskDirectory, "output.log"));
  await assert.rejects(driver.start(other.spec("echo overwritten")), { kind: "COMMAND_NOT_STARTED" });
  assert.equal(readFileSync(join(other.directory, "victim"), "utf8"), "safe");
});

test("200 MB of output go through at flat memory", async (t) => {
  const place = makePlace(t);
  let peak = process.memoryUsage.rss();
  const before = peak;
  const started = await driver.start(place.spec("head -c 200000000 /dev/zero"));
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  const exit = await started.exited;
  clearInterval(watch);
  assert.equal(exit.exitCode, 0);
  assert.equal(statSync(join(place.taskDirectory, "output.log")).size, 200_000_000);
  assert.ok(peak - before < 50_000_000, `memory grew by ${peak - before} bytes`);
});

test("where no more files can be opened, that is what is told", (t) => {
  const { taskDirectory } = makePlace(t);
  const script = 'ulimit -n 64; exec "$0" --import tsx test/fixtures/host/few-files.ts "$1"';
  const told = execFileSync("bash", ["-c", script, process.execPath, taskDirectory], { encoding: "utf8" });
  assert.match(told, /^The command could not be started: .*EMFILE/);
});
