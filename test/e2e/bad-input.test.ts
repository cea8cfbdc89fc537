import assert from "node:assert/strict";
import { chmodSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makePlace, type Outcome } from "../helpers/datmo-process.ts";

/** One clear sentence and a hint, nothing on stdout, no stack. */
function assertRefusal(outcome: Outcome, code: number, message: RegExp): void {
  assert.match(outcome.stderr, message);
  assert.equal(outcome.code, code, outcome.stderr);
  assert.equal(outcome.stdout, "");
  assert.doesNotMatch(outcome.stderr, /\n\s+at /);
  assert.ok(outcome.stderr.trimEnd().split("\n").length <= 3, outcome.stderr);
}

describe("without a project", () => {
  test("every command that needs one says so and how to get one", async (t) => {
    const place = makePlace(t);
    const commands: [argv: string[], code: number][] = [
      [["status"], 3],
      [["ls"], 3],
      [["run", "ls"], 3],
      [["run", "true"], 125],
      [["rerun", "abcd"], 125],
      [["run", "show", "abcd"], 3],
      [["stop", "--all"], 3],
      [["delete", "abcd"], 3],
      [["snapshot", "create", "-m", "x"], 3],
      [["snapshot", "ls"], 3],
      [["task", "ls"], 3],
      [["sync"], 3],
      [["fsck"], 3],
      [["cleanup", "--yes"], 3],
    ];
    for (const [argv, code] of commands) {
      assertRefusal(await place.datmo(argv), code, /There is no datmo project in .*\nhint: Run `datmo init`/);
    }
    const json = await place.datmo(["ls", "--json"]);
    assert.deepEqual([json.code, JSON.parse(json.stdout).error.kind], [3, "PROJECT_NOT_FOUND"]);
  });

  test("doctor, version, help and completion work", async (t) => {
    const place = makePlace(t);
    await place.json("project.doctor", "doctor");
    for (const argv of [["version"], ["--help"], ["run", "--help"], ["completion", "bash"]])
      await place.ok(...argv);
  });
});

describe("in a project", () => {
  const place = makePlace({ after });
  before(async () => {
    await place.ok("init", "--force");
    await place.ok("run", "--name", "one", "echo loss: 1");
    await place.ok("run", "--name", "two", "echo loss: 2");
    await place.ok("run", "--name", "same", "true");
    await place.ok("run", "--name", "same", "true");
  });

  const cases: [argv: string[], code: number, message: RegExp][] = [
    [["run", "show", "zzzz"], 4, /No run has the id or name "zzzz"\.\nhint: `datmo run ls/],
    [["run", "show", "same"], 4, /"same" fits 2 runs: .*\nhint: Several runs have this name: give the id/],
    [["run", "diff", "one", "zzzz"], 4, /"zzzz"/],
    [["run", "metrics", "one", "none"], 4, /has no metric "none"/],
    [["rerun", "zzzz"], 125, /error \(RUN_NOT_FOUND\)/],
    [["rerun", "one", "--snapshot", "zzzz"], 125, /error \(SNAPSHOT_NOT_FOUND\)/],
    [["stop", "one"], 4, /has ended \(succeeded\)/],
    [["log", "a=1", "--run", "zzzz"], 4, /No run has/],
    [["task", "show", "zzzz"], 4, /No task has/],
    [["snapshot", "inspect", "zzzz"], 4, /No snapshot has/],
    [["snapshot", "checkout", "zzzz"], 4, /No snapshot has/],
    [["snapshot", "create", "-m", "x", "--path", "none.bin"], 4, /There is no file or folder .*none\.bin/],
    [["snapshot", "create", "-m", "x", "--path", "a>b>c"], 2, /more than one >/],
    [["snapshot", "create", "-m", "x", "--config-file", "none.json"], 2, /there is no such file/],
    [["snapshot", "create", "-m", "x", "-s", "acc:high"], 2, /"acc:high" is no metric/],
    [["snapshot", "create", "-m", ""], 2, /./],
    [["ls", "--filter", "metrics.loss >> 1"], 2, /wrong at character \d+/],
    [["ls", "--filter", "metrics.loss >"], 2, /wrong at character \d+/],
    [["ls", "--sort", "size"], 2, /Cannot sort by "size"/],
    [["ls", "--status", "done"], 2, /./],
    [["run", "-c", "lr", "true"], 2, /"lr" has no value/],
    [["run", "--on", "slurm", "true"], 2, /There is no driver "slurm" here\.\nhint: Available: host/],
    [["run", "--project", "/nonexistent", "true"], 125, /There is no (datmo project|folder)/],
    [["init", "--project", "/nonexistent"], 3, /There is no folder \/nonexistent/],
    [["init", "--name", ""], 2, /./],
  ];
  for (const [argv, code, message] of cases) {
    test(`datmo ${argv.join(" ")}`, async () => assertRefusal(await place.datmo(argv), code, message));
  }

  test("a broken config.json at the root is named, not skipped", async () => {
    place.write("config.json", "{");
    try {
      assertRefusal(await place.datmo(["snapshot", "create", "-m", "x"]), 2, /config\.json/);
      assertRefusal(await place.datmo(["run", "true"]), 2, /config\.json/);
    } finally {
      rmSync(join(place.directory, "config.json"));
    }
  });

  test("a command that does not exist: 127 and a hint", async () => {
    for (const argv of [["no-such-program", "x"], ["no-such-program x | cat; exit 127"]]) {
      const { code, stderr } = await place.datmo(["run", ...argv]);
      assert.equal(code, 127);
      assert.match(stderr, /hint: exit code 127 means that a program was not found/);
    }
  });

  test("a file that is not executable or no program fails as it does in a shell", async () => {
    place.write("data.csv", "a,b\n");
    assert.equal((await place.datmo(["run", "./data.csv", "x"])).code, 126);
    rmSync(join(place.directory, "data.csv"));
  });

  test("output that is no UTF-8 comes through byte for byte, in the log too", async () => {
    const { bytes, code } = await place.datmo(["run", "--name", "binary", "printf '\\377\\376\\000a\\303'"]);
    assert.equal(code, 0);
    assert.deepEqual([...bytes], [0xff, 0xfe, 0, 97, 0xc3]);
    assert.deepEqual([...(await place.datmo(["run", "logs", "binary"])).bytes], [0xff, 0xfe, 0, 97, 0xc3]);
  });
});

test("a folder that may not be written", async (t) => {
  const place = makePlace(t);
  chmodSync(place.directory, 0o555);
  // Root may write everywhere but into the kernel's own folders.
  const directory = process.getuid?.() === 0 ? "/sys" : place.directory;
  assertRefusal(await place.datmo(["init", "--force", "--project", directory]), 3, /Cannot create a project/);
});

test("a project of a newer datmo is left alone", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const format = JSON.parse(place.read(".datmo/format"));
  place.write(".datmo/format", JSON.stringify({ ...format, layout: 999 }));
  assertRefusal(await place.datmo(["ls"]), 3, /newer datmo.*\nhint: Upgrade datmo/);
});

test("a folder that is deleted while a run is in it: one sentence, and the command is not called failed", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const { code, stderr } = await place.datmo(["run", `rm -rf "${place.directory}"; exit 3`]);
  assert.equal(code, 125);
  assert.match(
    stderr,
    /^error \(PROJECT_MOVED\): .* was moved or deleted while run [a-z2-7]+ was going on; .* ended with code 3\.\nhint: /,
  );
});

test("a project that was copied or moved is the same project", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  await place.ok("run", "--name", "here", "true");
  const copy = `${place.directory}-copy`;
  cpSync(place.directory, copy, { recursive: true });
  const { stdout, code } = await place.datmo(["ls", "--columns", "name"], { directory: copy });
  assert.deepEqual([code, stdout], [0, "NAME\nhere\n"]);
});
