import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { widthOf } from "../../../src/cli/render/width.ts";
import type { Run } from "../../../src/protocol/types.ts";
import { type Answers, cli } from "../../helpers/cli.ts";
import { exampleRun, exampleSnapshot } from "../../helpers/examples.ts";

const hostile = exampleRun({
  id: "b5wmq2kx7ndz4hj3ctr6vypa2g",
  name: 'say "hi", ok',
  command: "echo a,b\necho c",
  config: { text: "x\ny", nested: { list: [1, 2] } },
  metrics: { loss: "NaN", accuracy: 0.123456789 },
  tags: ["one", "two"],
});

describe("tables", () => {
  test("are plain and whole where nobody looks", async () => {
    const { stdout } = await cli(["run", "ls"], { answers: listing([exampleRun(), hostile]) });
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, 3);
    assert.match(lines[0] ?? "", /^ID +NAME +COMMAND +TYPE +STATUS +CONFIG +METRICS +CREATED +DURATION$/);
    assert.match(
      lines[1] ?? "",
      /^k3vq7m2x {2}quiet-heron +python train.py +script +succeeded +lr=0.1 +accuracy=0.955556 .* 2\.3 s$/,
    );
    assert.match(lines[2] ?? "", /text=x y nested\.list=\[1,2\] +loss=NaN accuracy=0\.123457/);
    assert.doesNotMatch(stdout, /[\u001b\u2500-\u257f]/);
  });

  test("name a key with a dot exactly beside a nested one that reads the same", async () => {
    const run = exampleRun({ config: { "a.b": 1, a: { b: 2 }, "c.d": 3 } });
    const { stdout } = await cli(["run", "ls", "--columns", "config"], { answers: listing([run]) });
    assert.match(stdout, /`a\.b`=1 a\.b=2 c\.d=3/);
    const two = ["run", "ls", "--columns", "config.a.b,config.`a.b`"];
    assert.match((await cli(two, { answers: listing([run]) })).stdout, /\n2 +1 *\n/);
  });

  test("fit the terminal, ids whole, wide characters counted", async () => {
    const wide = exampleRun({ name: "模型训练-模型训练-模型训练", command: "python 训练.py ".repeat(10) });
    for (const columns of [60, 80, 132]) {
      const { stdout } = await cli(["run", "ls"], { answers: listing([wide, hostile]), columns });
      for (const line of uncoloured(stdout).trimEnd().split("\n")) {
        assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
      }
      assert.match(stdout, /k3vq7m2x/);
      assert.match(stdout, /…/);
    }
  });

  test("a terminal leaves out columns that tell nothing, unless they were asked for", async () => {
    const dull = listing([exampleRun({ config: {}, metrics: {} })]);
    const { stdout } = await cli(["run", "ls"], { answers: dull, columns: 80 });
    assert.doesNotMatch(stdout, /CONFIG|METRICS|TYPE/);
    const asked = await cli(["run", "ls", "--columns", "id,type,config"], { answers: dull, columns: 80 });
    assert.match(uncoloured(asked.stdout), /^ID +TYPE +CONFIG\n/);
  });

  test("NO_COLOR is honoured", async () => {
    const answers = listing([exampleRun()]);
    assert.match((await cli(["ls"], { answers, columns: 80 })).stdout, /\u001b\[/);
    const plain = await cli(["ls"], { answers, columns: 80, variables: { NO_COLOR: "1" } });
    assert.doesNotMatch(plain.stdout, /\u001b\[/);
  });

  test("what others wrote cannot steer the terminal", async () => {
    const evil = exampleRun({ name: "\u001b]0;owned\u0007\u001b[2J", config: { k: "\u202egnp" } });
    const { stdout } = await cli(["ls"], { answers: listing([evil]) });
    assert.doesNotMatch(stdout, /[\u001b\u0007\u202e]/);
  });

  test("an empty list says so on stderr", async () => {
    const none = await cli(["ls"], { answers: listing([]) });
    assert.deepEqual([none.stdout, none.stderr], ["", "No runs yet. Start one: datmo run COMMAND\n"]);
    const unfit = await cli(["ls", "--tag", "x"], { answers: listing([]) });
    assert.equal(unfit.stderr, "No run fits.\n");
  });
});

describe("csv", () => {
  test("quotes what has commas, quotes and newlines; every value has its column", async () => {
    const { stdout } = await cli(["ls", "--format", "csv"], { answers: listing([exampleRun(), hostile]) });
    const [head, first, second] = rows(stdout);
    assert.ok(head && first && second);
    const at = (row: string[], name: string): string | undefined => row[head.indexOf(name)];
    assert.deepEqual(head.slice(0, 3), ["id", "name", "command"]);
    assert.equal(at(first, "config.lr"), "0.1");
    assert.equal(at(second, "config.lr"), "");
    assert.equal(at(second, "name"), 'say "hi", ok');
    assert.equal(at(second, "config.text"), "x\ny");
    assert.equal(at(second, "config.nested.list"), "[1,2]");
    assert.equal(at(second, "metrics.accuracy"), "0.123456789");
    assert.equal(at(second, "metrics.loss"), "NaN");
    assert.equal(at(second, "tags"), '["one","two"]');
  });

  test("columns can be chosen; an unknown one is told", async () => {
    const answers = listing([exampleRun()]);
    const { stdout } = await cli(["ls", "--format", "csv", "--columns", "metrics.accuracy,name"], {
      answers,
    });
    assert.equal(stdout, "metrics.accuracy,name\n0.9555555,quiet-heron\n");
    const unknown = await cli(["ls", "--columns", "nmae"], { answers });
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /no column "nmae"\.\nhint: Columns: id, name/);
  });
});

describe("files", () => {
  test("--output writes the whole list, uncoloured; --download prints it as well", async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "datmo-cli-"));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const answers = listing([exampleRun()]);
    const written = await cli(["ls", "--output", "runs.txt"], { answers, directory, columns: 40 });
    assert.equal(written.stdout, "");
    assert.match(written.stderr, /Wrote 1 to runs\.txt/);
    assert.match(
      readFileSync(join(directory, "runs.txt"), "utf8"),
      /^ID .* DURATION\nk3vq7m2x .*python train\.py/,
    );
    const old = await cli(["ls", "--format", "csv", "--download-path", "old.csv"], { answers, directory });
    assert.equal(readFileSync(join(directory, "old.csv"), "utf8"), old.stdout);
    const failed = await cli(["ls", "--output", "none/x"], { answers, directory });
    assert.equal(failed.code, 2);
  });
});

describe("pages", () => {
  const runs = Array.from({ length: 2500 }, (_, at) => exampleRun({ name: `r${at}` }));
  const paged: Answers = {
    "run.list": ({ limit = 30, cursor = "0" }) => {
      const from = Number(cursor);
      const next = from + limit;
      return { items: runs.slice(from, next), ...(next < runs.length ? { nextCursor: String(next) } : {}) };
    },
  };
  const cases: [argv: string[], shown: number, more: boolean][] = [
    [[], 30, true],
    [["--limit", "3"], 3, true],
    [["--limit", "1500"], 1500, true],
    [["--all"], 2500, false],
    [["--all", "--limit", "7"], 7, true],
  ];
  for (const [argv, shown, more] of cases) {
    test(`ls ${argv.join(" ")}`, async () => {
      const table = await cli(["ls", ...argv], { answers: paged });
      assert.equal(table.stdout.trimEnd().split("\n").length, shown + 1);
      assert.equal(/--all shows every one/.test(table.stderr), more);
      const json = JSON.parse((await cli(["ls", ...argv, "--json"], { answers: paged })).stdout);
      assert.equal(json.items.length, shown);
      assert.equal("nextCursor" in json, more);
    });
  }
});

test("filters go to the engine as they were typed", async () => {
  const argv = "--filter metrics.a>1 --status failed --status lost --tag x --sort -created --deleted".split(
    " ",
  );
  const { asked } = await cli(["run", "ls", ...argv], { answers: listing([]) });
  assert.deepEqual(asked[0]?.params, {
    limit: 30,
    filter: "metrics.a>1",
    status: ["failed", "lost"],
    tags: ["x"],
    sort: "-created",
    deleted: true,
  });
});

test("snapshot ls marks the one that equals the folder", async () => {
  const items = [exampleSnapshot({ current: true }), exampleSnapshot({ label: undefined, message: "older" })];
  const { stdout, asked } = await cli(["snapshot", "ls", "--details"], {
    answers: { "snapshot.list": { items } },
  });
  assert.deepEqual(asked[0]?.params, { limit: 30, markCurrent: true });
  assert.match(
    stdout,
    /^ID +CREATED +LABEL +MESSAGE +CONFIG +METRICS +FILES +CODE SIZE +CODE +ENVIRONMENT +RUN$/m,
  );
  assert.match(stdout, /^f4gq2nz7 {2}\(current\) .* best +two trainings compared/m);
  const all = await cli(["snapshot", "ls", "--all"], { answers: { "snapshot.list": { items } } });
  assert.deepEqual(all.asked[0]?.params, { limit: 1000, markCurrent: true, all: true });
});

function listing(items: Run[]): Answers {
  return { "run.list": { items } };
}

function uncoloured(text: string): string {
  return text.replace(/\u001b\[\d*m/g, "");
}

/** A reader of RFC 4180. */
function rows(text: string): string[][] {
  const found: string[][] = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    found.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare ?? "");
    if (end === "\n") found.push([]);
  }
  return found.slice(0, -1);
}
