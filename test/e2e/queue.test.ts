import assert from "node:assert/strict";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makePlace, outcomeOf, type Place, untilPrinted } from "../helpers/datmo-process.ts";

/** What each run writes beside the copies that they work in: once, when it is run once. */
function marks(place: Place): { command: string; all(): string[] } {
  const file = join(place.directory, "..", "ran.txt");
  return {
    command: `echo $DATMO_RUN_ID >> ${file}`,
    all: () => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []),
  };
}

async function kill(child: ChildProcessWithoutNullStreams, afterMs: number): Promise<void> {
  const ended = outcomeOf(child);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill("SIGKILL");
  await ended;
}

test("runs wait, workers run them on the state of then, and say so", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("job.sh", 'echo "version: 1"; echo "lr: $1"');
  const id = (
    await place.ok("run", "--queue", "--name", "early", "-c", "lr=0.5", "sh", "job.sh", "{lr}")
  ).trim();
  place.write("job.sh", "echo version: 2");
  assert.match(await place.ok("run", "ls", "--status", "queued"), /early/);
  assert.match(await place.ok("status"), /early {2}queued/);
  const waiting = place.datmo(["run", "wait", id]);
  const told = await place.ok("worker", "--drain");
  assert.match(told, /early: started: sh job\.sh '\{lr\}'\nrun \w{8} early: succeeded in .*version 1.*\n/);
  assert.equal((await waiting).code, 0);
  const started = JSON.parse(await place.ok("run", "--json", "--queue", "exit 4"));
  const ended = await place.datmo(["worker", "--once", "--json"]);
  const lines = ended.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ run }) => [run.id, run.status]),
    [
      [started.run.id, "running"],
      [started.run.id, "failed"],
    ],
  );
  assert.equal((await place.datmo(["run", "wait", started.run.id])).code, 4);
  assert.equal((await place.datmo(["run", "--queue", "-d", "true"])).code, 2);
  assert.equal(await place.ok("worker", "--idle", "1s"), "");
});

test("two terminals and two workers: each run once", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const { command, all } = marks(place);
  const workers = [1, 2].map(() => place.start(["worker", "-j", "2", "--idle", "4s"]));
  const ends = workers.map(outcomeOf);
  const terminal = async (): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await place.ok("run", "--queue", command)).trim());
    return ids;
  };
  const ids = (await Promise.all([terminal(), terminal()])).flat();
  assert.equal((await place.datmo(["run", "wait", ...ids])).code, 0);
  assert.deepEqual(all().sort(), ids.sort());
  for (const worker of workers) worker.kill("SIGINT");
  assert.deepEqual(
    (await Promise.all(ends)).map(({ code }) => code),
    [0, 0],
  );
});

test("workers killed at any moment: no run is lost, none is run twice", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const { command, all } = marks(place);
  const rounds = process.env["DATMO_SOAK"] ? 200 : 12;
  const ids: string[] = [];
  for (let n = 0; n < rounds; n++)
    ids.push((await place.ok("run", "--queue", `${command}; sleep 0.05`)).trim());
  for (let round = 0; round < rounds; round++) {
    // From before it has looked at the queue to the middle of a run and the end of one.
    await kill(place.start(["worker", "-j", "2", "--drain"]), 110 + (round % 12) * 12);
  }
  await place.ok("worker", "-j", "2", "--drain");
  assert.equal((await place.datmo(["run", "wait", ...ids])).code, 0);
  assert.deepEqual(all().sort(), ids.sort());
  const { items } = await place.json("run.list", "ls", "--all");
  assert.deepEqual(new Set(items.map(({ status }) => status)), new Set(["succeeded"]));
  assert.ok(items.every(({ afterSnapshotId }) => afterSnapshotId !== undefined));
  assert.deepEqual(readdirSync(join(place.directory, ".datmo/isolated")), []);
  for (const folder of ["open", "queue"]) {
    const names = readdirSync(join(place.directory, ".datmo", folder));
    assert.deepEqual(
      names.filter((name) => name.endsWith(".json")),
      [],
      folder,
    );
  }
});

test("Ctrl-C once finishes what runs and takes no more; twice stops it", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const ids: string[] = [];
  for (const command of ["sleep 0.6; exit 3", "sleep 60", "true"])
    ids.push((await place.ok("run", "--queue", command)).trim());
  const once = place.start(["worker"]);
  const onceEnded = outcomeOf(once);
  await untilPrinted(once, "started");
  once.kill("SIGINT");
  assert.match((await onceEnded).stderr, /Waiting for the end of the run; press Ctrl-C again to stop/);
  const status = async (id: string | undefined) =>
    (await place.json("run.get", "run", "show", id ?? "")).run.status;
  assert.deepEqual([await status(ids[0]), await status(ids[1])], ["failed", "queued"]);
  const twice = place.start(["worker"]);
  const twiceEnded = outcomeOf(twice);
  await untilPrinted(twice, "started");
  twice.kill("SIGINT");
  twice.kill("SIGTERM");
  await twiceEnded;
  assert.deepEqual([await status(ids[1]), await status(ids[2])], ["stopped", "queued"]);
  assert.match(await place.ok("stop", ids[2] ?? ""), /stopped/);
  assert.equal(await status(ids[2]), "stopped");
});

test("GPUs are packed; runs that need none are not held up", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const show = 'echo "<$CUDA_VISIBLE_DEVICES>"; sleep 0.2';
  const wide = (await place.ok("run", "--queue", "--gpu", "2", show)).trim();
  const ones: string[] = [];
  for (let n = 0; n < 2; n++) ones.push((await place.ok("run", "--queue", "--gpu", "1", show)).trim());
  const plain = (await place.ok("run", "--queue", "echo none")).trim();
  const never = (await place.ok("run", "--queue", "--gpu", "0,9", show)).trim();
  const { stdout, stderr, code } = await place.datmo(["worker", "-j", "4", "--gpus", "0,1", "--drain"]);
  assert.equal(code, 0);
  assert.match(stderr, /1 queued run waits for GPUs that this worker does not have/);
  const printed = async (id: string) => (await place.ok("run", "logs", id)).trim();
  assert.equal(await printed(wide), "<0,1>");
  assert.deepEqual(new Set(await Promise.all(ones.map(printed))), new Set(["<0>", "<1>"]));
  const order = stdout.split("\n").flatMap((line) => /^run (\w{8}) .*: started/.exec(line)?.[1] ?? []);
  assert.deepEqual(order.slice(0, 2).sort(), [wide.slice(0, 8), plain.slice(0, 8)].sort());
  assert.match(await place.ok("stop", never), /stopped/);
});

test("what waits is listed in its order, and taken out", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const empty = await place.datmo(["queue", "ls"]);
  assert.match(empty.stderr, /Nothing waits in the queue/);
  for (const name of ["one", "two", "three"]) await place.ok("run", "--queue", "--name", name, "true");
  const rows = (await place.ok("queue", "ls", "--columns", "name,state")).trim().split("\n");
  assert.deepEqual(
    rows.map((row) => row.trim().split(/ +/)),
    [
      ["NAME", "STATE"],
      ["one", "waits"],
      ["two", "waits"],
      ["three", "waits"],
    ],
  );
  const cut = await place.datmo(["queue", "ls", "--limit", "2", "--format", "csv", "--columns", "name"]);
  assert.equal(cut.stdout, "name\none\ntwo\n");
  assert.match(cut.stderr, /first 2 of 3/);
  assert.match(await place.ok("queue", "cancel", "two"), /two: stopped/);
  assert.equal((await place.datmo(["queue", "cancel", "two"])).code, 4);
  assert.equal((await place.datmo(["queue", "cancel"])).code, 2);
  assert.match(await place.ok("queue", "cancel", "--all"), /one: stopped[\s\S]*three: stopped/);
  assert.match((await place.datmo(["queue", "cancel", "--all"])).stderr, /Nothing waits/);
  await place.ok("sweep", "--queue", "--name", "pair", "--grid", "lr=1,2", "--", "true");
  assert.match(await place.ok("sweep", "ls"), /pair +true +lr +2 +2 queued/);
});

test("a sweep, here and by workers, resumed after a kill, best first", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const { command, all } = marks(place);
  const words = [
    "--grid",
    "lr=0.1,0.01",
    "--grid",
    "depth=2,4",
    "--",
    `${command}; echo "loss: {depth}"; echo "lr: {lr}"`,
  ];
  const done = await place.datmo(["sweep", "--name", "here", "--jobs", "2", "--metric", "-loss", ...words]);
  assert.equal(done.code, 0);
  const rows = done.stdout.trim().split("\n").slice(2);
  assert.deepEqual(
    rows.map((row) => /lr=\S+ depth=\d/.exec(row)?.[0]),
    ["lr=0.1 depth=2", "lr=0.01 depth=2", "lr=0.1 depth=4", "lr=0.01 depth=4"],
  );
  const queued = JSON.parse(await place.ok("sweep", "--json", "--queue", "--name", "away", ...words));
  assert.equal(queued.added, 4);
  await kill(place.start(["sweep", "--resume", "away"]), 260);
  const again = await place.json("sweep.get", "sweep", "--resume", "away", "--jobs", "2");
  assert.deepEqual(again.counts, { succeeded: 4 });
  assert.equal(new Set(all()).size, 8);
  assert.equal(all().length, 8);
  const failing = await place.datmo(["sweep", "--grid", "code=0,3", "--", "exit {code}"]);
  assert.equal(failing.code, 3);
  assert.match((await place.datmo(["sweep", "--grid", "lr=", "--", "true"])).stderr, /empty value/);
  assert.equal((await place.datmo(["sweep", "--", "true"])).code, 2);
  assert.match(await place.ok("sweep", "show", "away"), /4 succeeded/);
});

test("task run and graph, as a user sees them", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("job.sh", 'echo "acc: 0.5"; echo "$1" > out.txt');
  await place.ok("run", "-c", "who=a", "sh", "job.sh", 'say "{who}" \\ once');
  const { items } = await place.json("task.list", "task", "ls");
  const task = items[0]?.id ?? "";
  const { exitCode, metrics } = (await place.json("run.wait", "task", "run", task, "-c", "who=b")).run;
  assert.deepEqual([exitCode, metrics], [0, { acc: 0.5 }]);
  assert.match(await place.ok("task", "show", task), /Runs +2[\s\S]*who=b/);
  await place.ok("snapshot", "create", "-m", 'a "quoted" \\ message', "-l", "best");
  const text = await place.ok("graph");
  assert.match(text, /\* \w{8} \(best\) a "quoted" \\ message/);
  assert.match(text, /\* \w{8} after .*\n(\| )*o (\| )*run \w{8}/);
  const { snapshots, runs } = await place.json("graph.get", "graph");
  const dot = parseDot(await place.ok("graph", "--dot"));
  assert.deepEqual(dot.nodes.sort(), snapshots.map(({ id }) => id).sort());
  assert.deepEqual(
    dot.edges.map(([from, to]) => `${from} ${to}`).sort(),
    runs.map(({ from, to }) => `${from} ${to}`).sort(),
  );
  assert.ok(dot.labels.some((label) => label.includes('\\"quoted\\" \\\\ message')));
});

/** As strict as graphviz about what stands in quotes and between. Throws for what is no such graph. */
function parseDot(text: string): { nodes: string[]; edges: [string, string][]; labels: string[] } {
  const string = String.raw`"(?:[^"\\\n]|\\["\\n])*"`;
  const attributes = String.raw`\[\w+=(?:${string}|\w+)(?:, \w+=(?:${string}|\w+))*\]`;
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.shift(), "digraph datmo {");
  assert.equal(lines.pop(), "}");
  const found = { nodes: [] as string[], edges: [] as [string, string][], labels: [] as string[] };
  for (const line of lines) {
    const shape = new RegExp(
      String.raw`^  (?:rankdir=\w+|(?:node|edge) ${attributes}|(${string})(?: -> (${string}))? (${attributes}));$`,
    );
    const match = shape.exec(line);
    assert.ok(match, line);
    const [, from, to, given] = match;
    if (from === undefined) continue;
    found.labels.push(given ?? "");
    if (to === undefined) found.nodes.push(from.slice(1, -1));
    else found.edges.push([from.slice(1, -1), to.slice(1, -1)]);
  }
  return found;
}
