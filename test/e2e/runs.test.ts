import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DATMO, makePlace, outcomeOf, untilPrinted } from "../helpers/datmo-process.ts";

describe("what run exits with", () => {
  const place = makePlace({ after });
  before(() => place.ok("init", "--force"));

  const cases: [argv: string[], code: number][] = [
    [["true", "x"], 0],
    [["exit 7"], 7],
    [["sh", "-c", "exit 255"], 255],
    [["kill -9 $$"], 137],
    [["sh", "-c", "kill -TERM $$"], 143],
    [["--timeout", "300ms", "sleep 30"], 124],
    [["no-such-program", "x"], 127],
    [["--bogus", "true"], 2],
    [[], 2],
  ];
  for (const [argv, code] of cases) {
    test(`run ${argv.join(" ")}: ${code}`, async () => {
      assert.equal((await place.datmo(["run", ...argv])).code, code);
    });
  }

  test("wait and rerun exit the same way; wait with the first that is not 0", async () => {
    await place.datmo(["run", "--name", "good", "true"]);
    await place.datmo(["run", "--name", "bad", "exit 9"]);
    await place.datmo(["run", "--name", "worse", "exit 8"]);
    assert.equal((await place.datmo(["run", "wait", "good", "bad", "worse"])).code, 9);
    assert.equal((await place.datmo(["rerun", "bad"])).code, 9);
  });

  test("rerun --verify: 0 when nothing differs, 4 when something does", async () => {
    await place.ok("run", "--name", "steady", "echo loss: 0.5");
    assert.equal((await place.datmo(["rerun", "steady", "--verify"])).code, 0);
    await place.ok("run", "--name", "shaky", 'echo "loss: 0.$(date +%N)"');
    const { code, stdout } = await place.datmo(["rerun", "shaky", "--verify"]);
    assert.equal(code, 4);
    assert.match(stdout, /first: metric loss/);
  });
});

test("a run, from the folder one stands in: argv, shell strings, placeholders, variables", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("sub/x", "");
  const below = { directory: `${place.directory}/sub` };
  assert.equal((await place.datmo(["run", "pwd"], below)).stdout, `${place.directory}/sub\n`);
  assert.equal((await place.datmo(["run", "printf", "%s|", "a b", "$HOME", "*"])).stdout, "a b|$HOME|*|");
  assert.equal((await place.datmo(["run", "echo a | tr a b"])).stdout, "b\n");
  assert.equal((await place.datmo(["run", "-c", "net.width=64", "echo", "{net.width}"])).stdout, "64\n");
  assert.equal((await place.datmo(["run", "--env", "A=b c", 'echo "$A"'])).stdout, "b c\n");
  assert.equal((await place.datmo(["run", "--", "ls"])).stdout, "sub\n");
  assert.equal((await place.datmo(["run", "-i", "cat"], { input: "typed" })).stdout, "typed");
  const { items } = await place.json("run.list", "ls", "--all");
  assert.deepEqual(
    items.map(({ status }) => status),
    Array(7).fill("succeeded"),
  );
  assert.equal(items.at(-1)?.directory, "sub");
});

test("metrics: from output, from a file of the run, by datmo log; explicit ones win", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write(
    "job.sh",
    `echo "accuracy: 0.1"
$DATMO log accuracy=0.9 --step 1
$DATMO log loss:0.5 --step 1; $DATMO log loss:0.25 --step 2
echo '{"f1": 0.7}' > "$DATMO_TASK_DIR/metrics.json"
echo "$(cat "$DATMO_CONFIG")"
`,
  );
  const { bin } = launcher(place);
  const { stdout, code } = await place.datmo(["run", "--name", "r", "-c", "lr=0.1", "sh", "job.sh"], {
    variables: { DATMO: bin },
  });
  assert.equal(code, 0);
  assert.match(stdout, /"lr": ?0\.1/);
  const { run } = await place.json("run.get", "run", "show", "r");
  assert.deepEqual(run.metrics, { accuracy: 0.9, loss: 0.25, f1: 0.7 });
  const { points } = await place.json("metric.history", "run", "metrics", "r", "loss");
  assert.deepEqual(
    [points.step, points.value],
    [
      [1, 2],
      [0.5, 0.25],
    ],
  );
  await place.ok("run", "--name", "silent", "--no-parse", "echo accuracy: 1");
  assert.deepEqual((await place.json("run.get", "run", "show", "silent")).run.metrics, {});
});

test("a detached run goes on by itself; others see, follow, stop and wait for it", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const id = (await place.ok("run", "-d", "--name", "long", "echo begun; sleep 60; echo never")).trim();
  assert.match(id, /^[a-z2-7]{26}$/);
  assert.match(await place.ok("status"), /Active runs\n.*long {2}running/);
  const follower = place.start(["run", "logs", "-f", id]);
  const followed = outcomeOf(follower);
  await untilPrinted(follower, "begun");
  const waiting = place.datmo(["run", "wait", "long"]);
  const stopped = await place.json("run.stop", "stop", "long");
  assert.deepEqual(
    stopped.runs.map(({ status }) => status),
    ["stopped"],
  );
  assert.equal((await waiting).code, 143);
  const { code, stdout } = await followed;
  assert.deepEqual([code, stdout], [0, "begun\n"]);
  assert.deepEqual((await place.json("run.stop", "stop", "--all")).runs, []);
  assert.equal((await place.json("run.get", "run", "show", "long")).run.status, "stopped");
});

test("a detached run may ask for a snapshot of the state it has made", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const request = {
    v: 1,
    type: "request",
    id: "r1",
    method: "snapshot.create",
    params: { message: "inside" },
  };
  place.write("ask.json", `${JSON.stringify({ ...request, at: new Date().toISOString() })}\n`);
  const ask = [
    "echo 'loss: 0.5'; echo done > state.txt",
    'cp ask.json "$DATMO_TASK_DIR/journal/w1.jsonl"',
    'until [ -s "$DATMO_TASK_DIR/reply/w1.jsonl" ]; do sleep 0.02; done',
  ].join("\n");
  const id = (await place.ok("run", "-d", "-c", "lr=0.1", ask)).trim();
  await place.ok("run", "wait", id);
  const { items } = await place.json("snapshot.list", "snapshot", "ls");
  assert.deepEqual(
    items.map(({ message, runId, config, metrics }) => ({ message, runId, config, metrics })),
    [{ message: "inside", runId: id, config: { lr: 0.1 }, metrics: { loss: 0.5 } }],
  );
});

test("Ctrl-C and SIGTERM stop the run and are told in the exit code", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const child = place.start(["run", "--name", signal, "echo begun; sleep 60"]);
    const outcome = outcomeOf(child);
    await untilPrinted(child, "begun");
    child.kill(signal);
    assert.equal((await outcome).code, code);
    assert.equal((await place.json("run.get", "run", "show", signal)).run.status, "stopped");
  }
});

test("who closes the pipe does not end the run", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const child = place.start(["run", "--name", "piped", "seq 1 200000; exit 3"]);
  child.stdout.once("data", () => child.stdout.destroy());
  assert.equal((await outcomeOf(child)).code, 3);
  assert.match((await place.datmo(["run", "logs", "piped", "-n", "1"])).stdout, /^200000\n$/);
});

test("a rerun uses the run's own state and leaves the folder as it is", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("job.sh", "echo version: 1\n");
  await place.ok("run", "--name", "old", "sh", "job.sh");
  place.write("job.sh", "echo version: 2\n");
  await place.ok("run", "--name", "new", "sh", "job.sh");
  assert.equal(await place.ok("rerun", "old"), "version: 1\n");
  assert.equal(place.read("job.sh"), "echo version: 2\n");
  assert.deepEqual(readdirSync(place.directory), [".datmo", "job.sh"]);
  assert.equal((await place.json("run.list", "ls")).items.length, 3);
});

/** A program that is this datmo, for scripts. */
function launcher(place: ReturnType<typeof makePlace>): { bin: string } {
  const path = "bin/datmo";
  place.write(path, `#!/bin/sh\nexec "${process.execPath}" "${DATMO}" "$@"\n`);
  return { bin: `sh ${place.directory}/${path}` };
}

test("a program of another Python than that on the PATH: both snapshots describe its own", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const python = join(place.directory, "../venv/bin/python3");
  execFileSync("python3", ["-m", "venv", "--without-pip", join(place.directory, "../venv")]);
  place.write("../tools/tool", `#!${python}\nprint(1)\n`);
  chmodSync(join(place.directory, "../tools/tool"), 0o755);
  const path = [join(place.directory, "../tools"), process.env["PATH"]].join(delimiter);
  const ran = await place.datmo(["run", "--name", "own", "tool"], { variables: { PATH: path } });
  assert.equal(ran.code, 0, ran.stderr);
  const { run } = await place.json("run.get", "run", "show", "own");
  assert.equal(run.afterSnapshotId, run.beforeSnapshotId);
});
