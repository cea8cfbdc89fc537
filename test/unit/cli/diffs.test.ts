import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { quotedPath, visibleLine } from "../../../src/cli/render/visible.ts";
import { widthOf } from "../../../src/cli/render/width.ts";
import { errors } from "../../../src/protocol/errors.ts";
import type { Hunk, PathChange, StateDiff } from "../../../src/protocol/types.ts";
import { type Answers, cli } from "../../helpers/cli.ts";
import { exampleRun, exampleSnapshot } from "../../helpers/examples.ts";

const none: StateDiff = {
  config: [],
  metrics: [],
  environment: [],
  packages: [],
  environmentFiles: [],
  code: [],
  files: [],
};
const hunk: Hunk = {
  oldStart: 1,
  oldLines: 2,
  newStart: 1,
  newLines: 2,
  lines: [
    { kind: "context", text: "same" },
    { kind: "removed", text: "old" },
    { kind: "added", text: "new", noNewline: true },
  ],
};
const file = { mode: "file", bytes: 5 } as const;
const changed: PathChange = {
  path: "src/a.py",
  status: "modified",
  a: file,
  b: { mode: "executable", bytes: 5 },
  content: { kind: "text", added: 1, removed: 1, hunks: [hunk] },
};
const all: StateDiff = {
  config: [
    { key: "lr", a: 0.1, b: 0.5 },
    { key: "only", b: false },
  ],
  metrics: [{ key: "acc", a: 0, b: 0.25 }],
  environment: [{ key: "python", a: "3.11", b: "3.12" }],
  packages: [{ name: "python:numpy", a: "1.0" }],
  environmentFiles: [{ ...changed, path: "definition/environment.yml", b: file }],
  code: [changed, { path: "b.bin", status: "added", b: file, content: { kind: "binary" } }],
  files: [{ path: "model.bin", status: "removed", a: file, content: { kind: "big" } }],
};

const answers = (diff: StateDiff): Answers => ({
  "snapshot.diff": { a: exampleSnapshot(), b: exampleSnapshot(), diff },
  "run.diff": { a: exampleRun(), b: exampleRun(), diff },
});

async function body(diff: StateDiff, argv: string[] = [], columns?: number): Promise<string> {
  const { code, stdout, stderr } = await cli(["snapshot", "diff", "a", "b", ...argv], {
    answers: answers(diff),
    variables: { NO_COLOR: "1" },
    ...(columns === undefined ? {} : { columns }),
  });
  assert.equal(code, 0, stderr);
  return stdout.slice(stdout.indexOf("\n\n") + 2);
}

describe("what differs", () => {
  test("has a section for each component, the code last and as a patch", async () => {
    const { stdout } = await cli(["run", "diff", "a", "b"], { answers: answers(all) });
    assert.equal(
      stdout.slice(stdout.indexOf("\n\n") + 2),
      `Config
  lr    0.1 → 0.5  (+0.4)
  only  — → false

Metrics
  acc  0 → 0.25  (+0.25)

Environment
  python  3.11 → 3.12

Packages
  python:numpy  1.0 → —

Environment files
  M definition/environment.yml
    | @@ -1,2 +1,2 @@
    |  same
    | -old
    | +new
    | \\ No newline at end of file

Files
  D model.bin  (big file, 5 B)

Code
diff --git a/src/a.py b/src/a.py
old mode 100644
new mode 100755
--- a/src/a.py
+++ b/src/a.py
@@ -1,2 +1,2 @@
 same
-old
+new
\\ No newline at end of file
A b.bin  (binary, 5 B)
`,
    );
  });

  test("is said in so many words when it is nothing", async () => {
    assert.equal(await body(none), "Nothing differs.\n");
    assert.equal(await body(none, ["--stat"]), "Nothing differs.\n");
    assert.equal(await body(none, ["--name-only"]), "");
  });

  test("can be told in numbers and in names", async () => {
    const stat = await body(all, ["--stat"]);
    assert.match(
      stat,
      /^Code\n {2}src\/a\.py \| 2 \+-\n {2}b\.bin {4}\| binary, 5 B\n {2}2 files changed, 1 line added, 1 line removed\n$/m,
    );
    const names = await body(all, ["--name-status"]);
    assert.match(names, /Files\n {2}D model\.bin\n\nCode\n {2}M src\/a\.py\n {2}A b\.bin\n$/);
    const only = await cli(["snapshot", "diff", "a", "b", "--name-only"], { answers: answers(all) });
    assert.equal(only.stdout, "src/a.py\nb.bin\n");
    const both = await cli(["snapshot", "diff", "a", "b", "--stat", "--name-only"], {
      answers: answers(all),
    });
    assert.equal(both.code, 2);
  });

  test("asks for no more than is shown", async () => {
    const asked = async (...argv: string[]): Promise<object | undefined> =>
      (await cli(["run", "diff", "a", "b", ...argv], { answers: answers(none) })).asked[0]?.params;
    assert.deepEqual(await asked(), { a: "a", b: "b", text: "full" });
    assert.deepEqual(await asked("--stat"), { a: "a", b: "b", text: "stat" });
    assert.deepEqual(await asked("--name-status"), { a: "a", b: "b" });
    assert.deepEqual(await asked("-U0", "src/", "/x"), {
      a: "a",
      b: "b",
      text: "full",
      context: 0,
      paths: ["/home/ada/digits/src", "/x"],
    });
    assert.equal((await cli(["run", "diff", "a"], { answers: answers(none) })).code, 2);
    assert.equal((await cli(["run", "diff", "a", "b", "-U", "x"], { answers: answers(none) })).code, 2);
  });

  test("bars and values fit the terminal; JSON holds them whole", async () => {
    const long = "x".repeat(500);
    const path = `${"folder/".repeat(30)}end.py`;
    const diff: StateDiff = {
      ...none,
      config: [{ key: "text", a: long, b: `${long}y` }],
      code: [
        { ...changed, path, content: { kind: "text", added: 4000, removed: 100 } },
        { ...changed, path: "größe.py", content: { kind: "text", added: 1, removed: 0 } },
        { ...changed, path: "w.bin", content: { kind: "binary" } },
      ],
    };
    for (const columns of [40, 80, 200]) {
      const text = await body(diff, ["--stat"], columns);
      for (const line of text.split("\n")) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
      assert.match(text, /end\.py \| 4100 \+\+\+.*-\n/);
      assert.match(text, /größe\.py +\| +1 \+\n/);
    }
    assert.match(await body(diff, ["--stat"]), new RegExp(`text {2}${long} → ${long}y\n`));
    const { stdout } = await cli(["snapshot", "diff", "a", "b", "--json"], {
      answers: answers(diff),
      columns: 40,
    });
    assert.deepEqual(JSON.parse(stdout).diff, diff);
  });

  test("of a notebook is told by cells", async () => {
    const look: PathChange = {
      path: "look.ipynb",
      status: "modified",
      a: file,
      b: file,
      content: {
        kind: "notebook",
        added: 1,
        removed: 1,
        cells: [
          { status: "added", type: "markdown", newIndex: 1, added: 1, removed: 0, hunks: [hunk] },
          { status: "moved", type: "code", oldIndex: 3, newIndex: 2, added: 0, removed: 0, hunks: [] },
          {
            status: "modified",
            type: "markdown",
            oldType: "code",
            oldIndex: 2,
            newIndex: 3,
            added: 0,
            removed: 0,
            hunks: [],
          },
        ],
      },
    };
    assert.equal(
      (await body({ ...none, code: [look] })).replace(/^ {2}\|.*\n/gm, ""),
      `Code
M look.ipynb  (notebook, by cells)
  cell 1 (markdown) added
  cell 3 → 2 (code) moved
  cell 3 (code → markdown) modified
`,
    );
    const quiet = { ...look, content: { kind: "notebook", added: 0, removed: 0, cells: [] } };
    assert.match(await body({ ...none, code: [quiet] }), /only outputs, execution counts or metadata differ/);
  });
});

describe("words that are paths", () => {
  const missing = (id: string) => () => {
    throw errors.SNAPSHOT_NOT_FOUND({ id });
  };

  test("are taken for snapshots first, then for paths if they can be", async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "datmo-words-"));
    t.after(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, "README"), "");
    const known = new Set(["best", "first"]);
    const diff: Answers["snapshot.diff"] = ({ a, b }) => {
      for (const id of [a, b]) if (id !== undefined && !known.has(id)) missing(id)();
      return { a: exampleSnapshot(), ...(b === undefined ? {} : { b: exampleSnapshot() }), diff: none };
    };
    const asked = async (...words: string[]) => {
      const result = await cli(["snapshot", "diff", ...words, "--name-status"], {
        answers: { "snapshot.diff": diff },
        directory,
      });
      return result.code === 0 ? result.asked.at(-1)?.params : result.stderr;
    };
    assert.deepEqual(await asked(), {});
    assert.deepEqual(await asked("best"), { a: "best" });
    assert.deepEqual(await asked("best", "first", "x"), {
      a: "best",
      b: "first",
      paths: [join(directory, "x")],
    });
    assert.deepEqual(await asked("best", "gone.py"), { a: "best", paths: [join(directory, "gone.py")] });
    assert.deepEqual(await asked("README", "best"), {
      paths: [join(directory, "README"), join(directory, "best")],
    });
    assert.match(String(await asked("best", "lost")), /No snapshot has the id or label "lost"/);
  });

  test("a folder that could not be compared whole is told so", async () => {
    const { stderr, stdout } = await cli(["snapshot", "diff"], {
      answers: {
        "snapshot.diff": {
          a: exampleSnapshot(),
          diff: none,
          skipped: [{ path: "config.json", reason: "it must hold a JSON object" }],
        },
      },
    });
    assert.match(stdout, /^a {2}f4gq2nz7 .*\nb {2}the project's folder\n/);
    assert.match(
      stderr,
      /warning: 1 path could not be compared: config\.json \(it must hold a JSON object\)/,
    );
  });
});

describe("what could steer a terminal", () => {
  const evil = "\u001b[31mred\u0007\u009b2J\u202eabc\ttab\r";
  const lines = (texts: string[]): StateDiff => ({
    ...none,
    code: [
      {
        path: "e\u001b[2Jvil\n.py",
        status: "added",
        b: file,
        content: {
          kind: "text",
          added: 1,
          removed: 0,
          hunks: [{ ...hunk, lines: texts.map((text) => ({ kind: "added", text })) }],
        },
      },
    ],
  });

  test("is written out on one, in names and in lines", async () => {
    for (const argv of [[], ["--stat"], ["--name-status"], ["--name-only"]]) {
      const text = await body(lines([evil, "x"]), argv, 80);
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/, argv.join());
    }
    const text = await body(lines([evil, "x"]), [], 80);
    assert.match(text, /^\+\^\[\[31mred\^G<U\+009B>2J<U\+202E>abc\ttab\^M$/m);
    assert.match(text, /^diff --git "a\/e\\033\[2Jvil\\n\.py" "b\/e\\033\[2Jvil\\n\.py"$/m);
    assert.match(await body(lines(["all\r", "of them\r"]), [], 80), /^\+all\n\+of them$/m);
    assert.equal(visibleLine("x".repeat(100_000)).length, 2001);
  });

  test("is what the file holds for another program", async () => {
    assert.ok((await body(lines([evil]))).includes(`+${evil}\n`));
  });

  test("names are quoted as git quotes them", () => {
    for (const [path, quoted] of [
      ["src/a-b_c.py", "src/a-b_c.py"],
      ["größe/数据.py", "größe/数据.py"],
      ["a b", '"a b"'],
      ['q"\\', '"q\\"\\\\"'],
      ["tab\tnew\nline\r", '"tab\\tnew\\nline\\r"'],
      ["latin\udce9", '"latin\\351"'],
      ["\u202ertl", '"\\342\\200\\256rtl"'],
      ["emoji😀", '"emoji😀"'],
    ] as const) {
      assert.equal(quotedPath(path), quoted);
    }
  });
});
