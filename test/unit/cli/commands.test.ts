import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { validateRunJournal } from "../../../src/protocol/document-validators.js";
import type { Project, ProjectStatusResult, RunVerifyResult } from "../../../src/protocol/types.ts";
import { type Answers, cli } from "../../helpers/cli.ts";
import { exampleRun, exampleSnapshot } from "../../helpers/examples.ts";

const project: Project = {
  id: "33a64ea0-05f0-4fb3-9ab1-f06820fdd6a1",
  name: "digits",
  description: "",
  directory: "/home/ada/digits",
  createdAt: "2026-03-14T09:26:01.000Z",
  updatedAt: "2026-03-14T09:26:01.000Z",
};

describe("init", () => {
  const answers: Answers = { "project.create": { project, created: true } };

  test("asks nothing without a terminal or with --force", async () => {
    for (const options of [{}, { columns: 80, input: "never\n" }]) {
      const argv = "columns" in options ? ["init", "-f"] : ["init"];
      const { asked, code } = await cli(argv, { answers, ...options });
      assert.equal(code, 0);
      assert.deepEqual(asked, [{ method: "project.create", params: { directory: "/home/ada/digits" } }]);
    }
  });

  test("asks for what was not given; Enter and end of input take the default", async () => {
    const asked = async (argv: string[], input: string): Promise<object | undefined> =>
      (await cli(["init", ...argv], { answers, columns: 80, input })).asked.at(-1)?.params;
    const directory = "/home/ada/digits";
    assert.deepEqual(await asked([], "A\nB\n"), { directory, name: "A", description: "B" });
    assert.deepEqual(await asked([], "\n\n"), { directory, name: "digits", description: "" });
    assert.deepEqual(await asked([], ""), { directory, name: "digits", description: "" });
    assert.deepEqual(await asked(["--name", "N"], "B\n"), { directory, name: "N", description: "B" });
  });
});

describe("cleanup", () => {
  const answers: Answers = {
    "project.get": { project },
    "project.delete": { directory: project.directory, bytes: 1234 },
  };

  test("removes only after a yes", async () => {
    const answered = async (input: string | null, argv: string[] = []): Promise<[number, boolean]> => {
      const columns = input === null ? {} : { columns: 80, input };
      const { code, asked } = await cli(["cleanup", ...argv], { answers, ...columns });
      return [code, asked.some(({ method }) => method === "project.delete")];
    };
    assert.deepEqual(await answered("y\n"), [0, true]);
    assert.deepEqual(await answered("YES\n"), [0, true]);
    assert.deepEqual(await answered("n\n"), [4, false]);
    assert.deepEqual(await answered("\n"), [4, false]);
    assert.deepEqual(await answered(""), [4, false]);
    assert.deepEqual(await answered(null), [4, false]);
    assert.deepEqual(await answered(null, ["--yes"]), [0, true]);
  });
});

describe("status", () => {
  const clean: ProjectStatusResult = {
    project,
    clean: true,
    changes: [],
    changeCount: 0,
    keptChanges: [],
    environment: {
      kind: "host",
      name: "host",
      id: "4r5cbr4c7kg3jr5szqagatxjav",
      reason: "no environment was chosen",
    },
    environmentChanges: [],
    definitionChanges: [],
    unstable: [],
    skipped: [],
    pointers: [],
    activeRuns: [],
    problems: [],
  };
  const text = async (changes: Partial<ProjectStatusResult>): Promise<string> => {
    const { stdout, stderr } = await cli(["status"], {
      answers: { "project.status": { ...clean, ...changes } },
    });
    return stdout + stderr;
  };

  test("everything saved", async () => {
    const current = exampleSnapshot();
    assert.match(
      await text({ current }),
      /Everything is saved in snapshot f4gq2nz7 \[best\] two trainings compared/,
    );
  });

  test("changed paths, the first twenty", async () => {
    const changes = Array.from({ length: 25 }, (_, at) => ({ path: `f${at}`, status: "modified" as const }));
    const shown = await text({ clean: false, changes, changeCount: 30 });
    assert.match(shown, /Unsaved: 30 paths\n {2}M f0\n/);
    assert.match(shown, /M f19\n {2}… and 10 more\n/);
    assert.doesNotMatch(shown, /f20/);
  });

  test("active runs, an interrupted checkout with both ways out, problems", async () => {
    const shown = await text({
      activeRuns: [{ id: "k3vq7m2xw5", name: "quiet-heron", status: "running", command: "make" }],
      interruptedCheckout: { targetId: "aaaabbbbcc", heldId: "ddddeeeeff" },
      problems: [{ kind: "JOURNAL_GAP", message: "A file is missing.", details: {} }],
    });
    assert.match(shown, /k3vq7m2x {2}quiet-heron {2}running {2}make/);
    assert.match(
      shown,
      /Finish it: {2}datmo snapshot checkout aaaabbbb\n {2}Go back: {4}datmo snapshot checkout ddddeeee/,
    );
    assert.match(shown, /warning: A file is missing\./);
  });
});

describe("rerun --verify", () => {
  const result: RunVerifyResult = {
    same: false,
    original: exampleRun(),
    rerun: exampleRun(),
    first: { kind: "metric", role: "effect", name: "loss", a: 0.1, b: 0.2, step: 7 },
    cause: { kind: "package", role: "cause", name: "python:numpy", a: "1.0", b: "2.0" },
    tolerance: 0,
    differences: [
      { kind: "package", role: "cause", name: "python:numpy", a: "1.0", b: "2.0" },
      { kind: "metric", role: "effect", name: "loss", a: 0.1, b: 0.2, step: 7 },
    ],
    comparedMetrics: 2,
    comparedFiles: 1,
    notCaptured: ["data"],
  };
  const answers = (verified: RunVerifyResult): Answers => ({
    "run.rerun": { run: exampleRun() },
    "run.wait": { run: exampleRun() },
    "run.logs": { text: "", offset: 0, nextOffset: 0, size: 0, ended: true },
    "run.verify": verified,
  });

  test("names the first difference and exits with 4", async () => {
    const argv = ["rerun", "k3vq", "--verify", "--tolerance", "1e-6", "--snapshot", "best", "-c", "lr=1"];
    const { code, stdout, stderr, asked } = await cli(argv, { answers: answers(result) });
    assert.equal(code, 4);
    assert.match(
      stdout,
      /^Different \(2 metrics and 1 file compared\); first: metric loss from step 7 on; likely because of package python:numpy\.\n +WHAT +NAME/,
    );
    assert.match(stderr, /warning: nobody can tell whether these inputs have changed: data/);
    assert.deepEqual(asked.at(-1)?.params, { rerunId: exampleRun().id, tolerance: 1e-6 });
    const { originId: _, ...params } = asked[0]?.params as { originId: string };
    assert.deepEqual(params, { id: "k3vq", snapshotId: "best", config: { lr: 1 } });
  });

  test("exits with 0 when nothing differs; --json prints the verdict only", async () => {
    const same = { ...result, same: true, differences: [], notCaptured: [] };
    const text = await cli(["rerun", "k3vq", "--verify"], { answers: answers(same) });
    assert.deepEqual([text.code, text.stdout], [0, "Same: 2 metrics and 1 file compared, no difference.\n"]);
    const json = await cli(["rerun", "k3vq", "--verify", "--json"], { answers: answers(same) });
    assert.deepEqual(JSON.parse(json.stdout), JSON.parse(JSON.stringify(same)));
  });
});

describe("log", () => {
  test("inside a run it is one line of the journal, without an engine", async (t) => {
    const taskDirectory = taskFolder(t);
    writeFileSync(join(taskDirectory, "m.json"), '{"net":{"depth":3},"loss":"nan"}');
    const variables = { DATMO_RUN_ID: "r", DATMO_TASK_DIR: taskDirectory };
    const argv = ["log", "acc=0.5", "up:inf", "--step", "7", "--file", "m.json", "--json"];
    const { code, stdout, connected } = await cli(argv, { variables, directory: taskDirectory });
    assert.equal(code, 0);
    assert.deepEqual(connected, []);
    assert.equal(stdout, '{"points":4}\n');
    const [file = ""] = readdirSync(join(taskDirectory, "journal"));
    const [line = ""] = readFileSync(join(taskDirectory, "journal", file), "utf8").split("\n");
    const entry = JSON.parse(line);
    assert.ok(validateRunJournal(entry));
    const { name, step, value } = entry.points;
    assert.deepEqual(name, ["net.depth", "loss", "acc", "up"]);
    assert.deepEqual(step, [7, 7, 7, 7]);
    assert.deepEqual(value, [3, "NaN", 0.5, "Infinity"]);
  });

  test("to another run it goes through the engine, also from inside one", async () => {
    const answers: Answers = {
      "run.get": { run: exampleRun(), files: [], taskDirectory: "/t" },
      "metric.log": { points: 1 },
    };
    const variables = { DATMO_RUN_ID: "r", DATMO_TASK_DIR: "/nonexistent" };
    const { asked } = await cli(["log", "a=1", "--run-id", "quiet-heron"], { answers, variables });
    assert.deepEqual(
      asked.map(({ method }) => method),
      ["run.get", "metric.log"],
    );
    assert.equal((asked[1]?.params as { runId: string }).runId, exampleRun().id);
  });

  test("bad files are told", async (t) => {
    const directory = taskFolder(t);
    writeFileSync(join(directory, "list.json"), "[1]");
    writeFileSync(join(directory, "text.json"), '{"a":"b"}');
    writeFileSync(join(directory, "bad.json"), "{");
    for (const [file, code, message] of [
      ["none.json", 4, /no file none\.json/],
      ["list.json", 2, /does not hold a JSON object/],
      ["text.json", 2, /text\.json: "a" is no number/],
      ["bad.json", 2, /bad\.json cannot be read/],
    ] as const) {
      const result = await cli(["log", "--file", file], { directory });
      assert.equal(result.code, code);
      assert.match(result.stderr, message);
    }
  });
});

test("snapshot create takes the first datmo's spellings", async () => {
  const answers: Answers = {
    "snapshot.create": {
      snapshot: exampleSnapshot(),
      created: false,
      unstable: ["a"],
      skipped: [{ path: "b", reason: "pipe" }],
    },
  };
  const argv = "-m x --stats acc:0.9 --config-filepath c.json --paths f>g --paths /h".split(" ");
  const { asked, stdout, stderr } = await cli(["snapshot", "create", ...argv], { answers });
  assert.deepEqual(asked[0]?.params, {
    message: "x",
    metrics: { acc: 0.9 },
    configFile: "/home/ada/digits/c.json",
    paths: ["/home/ada/digits/f>g", "/h"],
  });
  assert.equal(stdout, "f4gq2nz7wkd5xb3mjt6ryv2hpa [best] two trainings compared\n");
  assert.match(stderr, /was there already/);
  assert.match(stderr, /warning: 1 path changed while it was read: a/);
  assert.match(stderr, /warning: 1 path could not be taken: b \(pipe\)/);
});

test("a checkout tells what became of the work that was there", async () => {
  const result = {
    snapshot: exampleSnapshot(),
    saved: exampleSnapshot({ id: "ddddeeeeff" }),
    written: 3,
    removed: 1,
    displaced: ["x"],
    restored: ["models/w.pt"],
    notRestored: ["data.csv"],
  };
  const { stdout, stderr, asked } = await cli(["snapshot", "checkout", "best", "--force"], {
    answers: { "snapshot.checkout": result },
  });
  assert.deepEqual(asked[0]?.params, { id: "best", force: true });
  assert.match(stdout, /at snapshot f4gq2nz7 .*: 3 files written \(1 kept file among them\), 1 removed\./);
  assert.match(
    stderr,
    /datmo snapshot checkout ddddeeee\nMoved to \.datmo\/displaced: x\nKept outside the project, and not written: 1 file \(data\.csv\)\. Get them: datmo snapshot export f4gq2nz7 DIR --files-only\n/,
  );
});

test("fsck exits with 7 on damage", async () => {
  const damage = {
    clean: false,
    problems: [],
    objects: [{ path: "objects/ab", problem: "missing", snapshots: ["f4gq2nz7wkd5"] }],
  };
  const damaged = await cli(["fsck"], { answers: { "store.fsck": damage } });
  assert.deepEqual(
    [damaged.code, damaged.stdout],
    [7, "Snapshots\n  objects/ab  missing (snapshot f4gq2nz7)\n"],
  );
  assert.equal(
    (await cli(["fsck"], { answers: { "store.fsck": { clean: true, problems: [], objects: [] } } })).code,
    0,
  );
});

describe("run logs", () => {
  const text = "one\ntwo\nthree\nfour";
  const answers: Answers = {
    "run.logs": ({ offset = 0, limit = 1 << 20, encoding }) => {
      const bytes = Buffer.from(text).subarray(offset, offset + limit);
      return {
        text: bytes.toString(encoding === "base64" ? "base64" : "utf8"),
        offset,
        nextOffset: offset + bytes.length,
        size: text.length,
        ended: true,
      };
    },
  };

  test("whole, and the last lines", async () => {
    const shown = async (...argv: string[]): Promise<string> =>
      (await cli(["run", "logs", "k3vq", ...argv], { answers })).stdout;
    assert.equal(await shown(), text);
    assert.equal(await shown("-n", "1"), "four");
    assert.equal(await shown("-n", "2"), "three\nfour");
    assert.equal(await shown("-n", "9"), text);
    assert.equal(await shown("-f"), text);
    assert.equal(JSON.parse(await shown("--json", "-n", "1")).text, "four");
  });
});

test("progress is a bar on a terminal, and gone at the end", async () => {
  const { createProgressLine } = await import("../../../src/cli/render/progress.ts");
  const { Output } = await import("../../../src/cli/output.ts");
  const { styleFor } = await import("../../../src/cli/style.ts");
  const { PassThrough } = await import("node:stream");
  const draw = (isTTY: boolean): string => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 60 });
    let time = 0;
    const line = createProgressLine(new Output(stream), styleFor(false, {}), () => time);
    line.show({ message: "Taking the snapshot", done: 0, total: 100 });
    time = 1000;
    line.show({ message: "Taking the snapshot", done: 50, total: 100 });
    line.show({ message: "Taking the snapshot", done: 51, total: 100 });
    time = 2000;
    line.show({ message: "Writing", done: 100, total: 100 });
    line.end();
    return String(stream.read());
  };
  const shown = draw(true).split("\r");
  assert.equal(shown.length, 4);
  assert.match(shown[1] ?? "", /█{12}░{12} +50% Taking the snapshot/);
  assert.equal(shown[3], "\u001b[K");
  assert.equal(draw(false), "Taking the snapshot\nWriting\n");
});

function taskFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "datmo-cli-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "journal"));
  return folder;
}
