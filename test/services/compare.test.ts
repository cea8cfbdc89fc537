import assert from "node:assert/strict";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import type { PathChange, SnapshotDiffParams } from "../../src/protocol/types.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

let engine: TestEngine;
let made = 0;
const at = (...names: string[]): string => join(engine.directory, ...names);

before(async () => {
  engine = await openTestEngine();
});
after(() => removeTestEngine(engine));

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), content);
}

async function take(options: { config?: object; paths?: string[] } = {}): Promise<string> {
  const { snapshot } = await engine.call("snapshot.create", {
    message: `number ${++made}`,
    config: { made, ...options.config },
    ...(options.paths ? { paths: options.paths } : {}),
  });
  return snapshot.id;
}

async function codeOf(params: SnapshotDiffParams): Promise<readonly PathChange[]> {
  return (await engine.call("snapshot.diff", params)).diff.code;
}

async function kindOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (isDatmoError(error)) return error.kind;
  throw error ?? new Error("nothing was thrown");
}

describe("the text of two snapshots", () => {
  let a: string;
  let b: string;
  before(async () => {
    await write("text.py", "a\nb\nc\nd\ne\nf\ng\n");
    await write("windows.txt", "one\r\ntwo\r\n");
    await write("end.txt", "no end");
    await write("latin.txt", Buffer.from("gr\xfc\xdfe\n", "latin1"));
    await write("image.bin", Buffer.from([1, 2, 0, 3]));
    await write("weights.bin", Buffer.alloc(4_200_000, "w"));
    await write("mode.sh", "echo\n");
    await write("swap", "now a file\n");
    await write("old/name.py", "1\n2\n3\n4\n5\n");
    await write("gone.txt", "bye\n");
    await write("empty-gone", "");
    await symlink("text.py", at("link"));
    a = await take();
    await write("text.py", "a\nB\nc\nd\ne\nf\ng\n");
    await write("windows.txt", "one\r\n2\r\n");
    await write("end.txt", "no end\n");
    await write("latin.txt", Buffer.from("gr\xfcn\n", "latin1"));
    await write("image.bin", Buffer.from([1, 2, 0, 3, 4]));
    await write("weights.bin", Buffer.alloc(4_200_001, "w"));
    await chmod(at("mode.sh"), 0o755);
    for (const name of ["swap", "link", "gone.txt", "empty-gone"]) await rm(at(name));
    await symlink("elsewhere", at("swap"));
    await symlink("end.txt", at("link"));
    await mkdir(at("new"));
    await rename(at("old/name.py"), at("new/name.py"));
    await write("new/name.py", "1\n2\n3\n4\nfive\n");
    await write("empty", "");
    b = await take();
  });

  test("every kind of file says how its content differs", async () => {
    const code = await codeOf({ a, b, text: "full", context: 1 });
    const told = code.map(({ path, status, content, a: left, b: right }) => {
      const lines = (content?.hunks ?? []).flatMap((hunk) => hunk.lines);
      const signs = { added: "+", removed: "-", context: " " };
      const shown = lines.map(({ kind, text, noNewline }) => signs[kind] + text + (noNewline ? "\\" : ""));
      return [path, status, content?.kind, left?.bytes, right?.bytes, shown.join("|")];
    });
    assert.deepEqual(told, [
      ["empty", "renamed", "same", 0, 0, ""],
      ["end.txt", "modified", "text", 6, 7, "-no end\\|+no end"],
      ["gone.txt", "removed", "text", 4, undefined, "-bye"],
      ["image.bin", "modified", "binary", 4, 5, ""],
      ["latin.txt", "modified", "notUtf8", 6, 5, ""],
      ["link", "modified", "link", 7, 7, "-text.py\\|+end.txt\\"],
      ["mode.sh", "modeChanged", "same", 5, 5, ""],
      ["new/name.py", "renamed", "text", 10, 13, " 4|-5|+five"],
      ["swap", "typeChanged", "text", 11, 9, "-now a file|+elsewhere\\"],
      ["text.py", "modified", "text", 14, 14, " a|-b|+B| c"],
      ["weights.bin", "modified", "big", 4_200_000, 4_200_001, ""],
      ["windows.txt", "modified", "text", 10, 8, " one\r|-two\r|+2\r"],
    ]);
    const renamed = code.find(({ path }) => path === "new/name.py");
    assert.deepEqual([renamed?.from, renamed?.similarity], ["old/name.py", 61]);
    const mode = code.find(({ path }) => path === "mode.sh");
    assert.deepEqual([mode?.a?.mode, mode?.b?.mode], ["file", "executable"]);
    const big = code.find(({ path }) => path === "weights.bin");
    assert.match(`${big?.a?.sha256} ${big?.b?.sha256}`, /^[0-9a-f]{64} [0-9a-f]{64}$/);
  });

  test("numbers come without lines, names without both", async () => {
    const stat = (await codeOf({ a, b, text: "stat" })).find(({ path }) => path === "text.py");
    assert.deepEqual(stat?.content, { kind: "text", added: 1, removed: 1 });
    assert.deepEqual(
      (await codeOf({ a, b })).find(({ path }) => path === "text.py"),
      {
        path: "text.py",
        status: "modified",
      },
    );
  });

  test("the other way round everything is the other way round", async () => {
    const [there, back] = await Promise.all([
      codeOf({ a, b, text: "stat" }),
      codeOf({ a: b, b: a, text: "stat" }),
    ]);
    const sum = (code: readonly PathChange[], side: "added" | "removed"): number =>
      code.reduce((total, { content }) => total + (content?.[side] ?? 0), 0);
    assert.deepEqual(
      [sum(there, "added"), sum(there, "removed")],
      [sum(back, "removed"), sum(back, "added")],
    );
    assert.deepEqual(await codeOf({ a, b: a, text: "full" }), []);
  });

  test("narrowed to files and folders, written in any way", async () => {
    const paths = async (...asked: string[]): Promise<string[]> =>
      (await codeOf({ a, b, paths: asked })).map(({ path }) => path);
    assert.deepEqual(await paths("new/"), ["new/name.py"]);
    assert.deepEqual(await paths("./text.py", at("end.txt")), ["end.txt", "text.py"]);
    assert.equal((await paths(".")).length, 12);
    assert.deepEqual(await paths("gone.txt"), ["gone.txt"]);
    assert.deepEqual(await paths("old", "new"), ["new/name.py"]);
    const far = await engine.call("snapshot.diff", { a, b, paths: ["text.py"] });
    assert.deepEqual(far.diff.environmentFiles, []);
    assert.equal(await kindOf(paths("nowhere.py")), "PATH_NOT_FOUND");
    assert.equal(await kindOf(paths("text.py/below")), "PATH_NOT_FOUND");
    assert.equal(await kindOf(paths("../x")), "PATH_INVALID");
  });

  test("ends when it is cancelled", async () => {
    const controller = new AbortController();
    controller.abort();
    assert.equal(
      await kindOf(engine.call("snapshot.diff", { a, b, text: "full" }, controller.signal)),
      "CANCELLED",
    );
  });
});

describe("notebooks", () => {
  const cell = (source: string, outputs: unknown[] = []): object => ({
    cell_type: "code",
    source,
    outputs,
    execution_count: outputs.length,
    metadata: {},
  });
  const notebook = (...cells: object[]): string => JSON.stringify({ nbformat: 4, metadata: {}, cells });

  test("by cells, big with outputs or not; as text when they are none", async () => {
    await write("look.ipynb", notebook(cell("x = 1\n"), cell("y", [1])));
    await write("big.ipynb", notebook(cell("z"), cell("p", ["x".repeat(4_500_000)])));
    await write("broken.ipynb", "{ no notebook\n");
    const a = await take();
    await write("look.ipynb", notebook(cell("x = 2\n"), cell("y", [2, 3])));
    await write("big.ipynb", notebook(cell("zz"), cell("p", ["y".repeat(4_500_000)])));
    await write("broken.ipynb", "{ still none\n");
    const b = await take();
    const code = await codeOf({ a, b, text: "full" });
    assert.deepEqual(
      code.map(({ path, content }) => [path, content?.kind, content?.cells?.map(({ newIndex }) => newIndex)]),
      [
        ["big.ipynb", "notebook", [1]],
        ["broken.ipynb", "text", undefined],
        ["look.ipynb", "notebook", [1]],
      ],
    );
    assert.equal(code[0]?.a?.sha256?.length, 64);
    const stat = (await codeOf({ a, b, text: "stat" })).find(({ path }) => path === "look.ipynb");
    assert.deepEqual(stat?.content, {
      kind: "notebook",
      added: 1,
      removed: 1,
      cells: [{ status: "modified", type: "code", oldIndex: 1, newIndex: 1, added: 1, removed: 1 }],
    });
  });
});

describe("the other components", () => {
  test("kept files and definitions of the environment have their text", async () => {
    await write("requirements.txt", "numpy==1\n");
    await write("out.csv", "a,b\n");
    const a = await take({ paths: ["out.csv>results/out.csv"], config: { net: { width: 64 }, lr: 0.1 } });
    await write("requirements.txt", "numpy==2\n");
    await write("out.csv", "a,c\n");
    const b = await take({ paths: ["out.csv>results/out.csv"], config: { net: { width: 32 }, lr: 0.1 } });
    const { diff } = await engine.call("snapshot.diff", { a, b, text: "full" });
    const lines = (changes: readonly PathChange[]): unknown[] =>
      changes.map(({ path, content }) => [path, content?.hunks?.[0]?.lines.map(({ text }) => text)]);
    assert.deepEqual(lines(diff.files), [["results/out.csv", ["a,b", "a,c"]]]);
    assert.deepEqual(lines(diff.environmentFiles), [
      ["definition/requirements.txt", ["numpy==1", "numpy==2"]],
    ]);
    assert.deepEqual(
      diff.config.filter(({ key }) => key !== "made"),
      [{ key: "net.width", a: 64, b: 32 }],
    );
    const narrowed = await engine.call("snapshot.diff", { a, b, text: "full", paths: ["results"] });
    assert.deepEqual(lines(narrowed.diff.files), lines(diff.files));
    assert.deepEqual(narrowed.diff.code, []);
  });

  test("of runs: code and definitions before them, files after them, nothing of what was not taken", async () => {
    const run = async (name: string): Promise<string> => {
      const command = ["sh", "-c", `echo ${name} > "$DATMO_TASK_DIR/result.txt"`];
      const { run: started } = await engine.call("run.start", { command, name });
      const { run: ended } = await engine.call("run.wait", { id: started.id });
      assert.equal(ended.status, "succeeded");
      return started.id;
    };
    await write("train.py", "lr = 1\n");
    const a = await run("one");
    await write("train.py", "lr = 2\n");
    await write("requirements.txt", "numpy==3\n");
    const b = await run("two");
    const { diff } = await engine.call("run.diff", { a, b, text: "full", context: 0 });
    const train = diff.code.find(({ path }) => path === "train.py");
    assert.deepEqual(
      train?.content?.hunks?.[0]?.lines.map(({ text }) => text),
      ["lr = 1", "lr = 2"],
    );
    assert.deepEqual(
      diff.files.map(({ path, content }) => [path, content?.added]),
      [["result.txt", 1]],
    );
    assert.deepEqual(
      diff.environmentFiles.map(({ path }) => path),
      ["definition/requirements.txt"],
    );
    const narrowed = await engine.call("run.diff", { a, b, paths: ["result.txt"] });
    assert.deepEqual([narrowed.diff.code.length, narrowed.diff.files.length], [0, 1]);
    const { run: bare } = await engine.call("run.create", { name: "bare", snapshots: false });
    await engine.call("run.finish", { id: bare.id, status: "succeeded" });
    const unknown = await engine.call("run.diff", { a, b: bare.id, text: "full" });
    assert.deepEqual([unknown.diff.code, unknown.diff.files, unknown.diff.packages], [[], [], []]);
  });
});

describe("the folder as it is", () => {
  let own: TestEngine;
  beforeEach(async (t) => {
    own = await openTestEngine();
    (t as unknown as { after(end: () => Promise<void>): void }).after(() => removeTestEngine(own));
  });
  const put = (path: string, content: string): Promise<void> => writeFile(join(own.directory, path), content);

  test("is the right side when none is named, the newest snapshot of the user's the left", async () => {
    assert.equal(await kindOf(own.call("snapshot.diff", {})), "SNAPSHOT_NONE");
    await put("train.py", "1\n");
    await put("config.json", '{"lr": 1, "api_key": "sk-9fQ2vX7bT1mZ8kL4pR6wY3nD5hJ0"}');
    await put("metrics.json", '{"acc": 0.5}');
    await put("requirements.txt", "numpy==1\n");
    const { snapshot } = await own.call("snapshot.create", { message: "mine", paths: ["train.py>kept.py"] });
    const same = await own.call("snapshot.diff", { text: "full" });
    assert.deepEqual([same.a.id, same.b, same.skipped], [snapshot.id, undefined, []]);
    for (const [component, changes] of Object.entries(same.diff)) assert.deepEqual(changes, [], component);
    await put("train.py", "2\n");
    await put("config.json", '{"lr": 2, "api_key": "sk-9fQ2vX7bT1mZ8kL4pR6wY3nD5hJ0"}');
    await put("metrics.json", '{"acc": 0.75}');
    await put("requirements.txt", "numpy==2\n");
    const { diff } = await own.call("snapshot.diff", { a: snapshot.id, text: "stat" });
    assert.deepEqual(diff.config, [{ key: "lr", a: 1, b: 2 }]);
    assert.deepEqual(diff.metrics, [{ key: "acc", a: 0.5, b: 0.75 }]);
    assert.deepEqual(
      diff.environmentFiles.map(({ path }) => path),
      ["definition/requirements.txt"],
    );
    assert.deepEqual(diff.files, []);
    assert.deepEqual(
      diff.code.map(({ path }) => path),
      ["config.json", "metrics.json", "requirements.txt", "train.py"],
    );
    const list = await own.call("snapshot.list", { all: true });
    assert.equal(list.items.length, 1, "looking takes no snapshot");
  });

  test("what is not there, or is no JSON just now, is not compared", async () => {
    await put("config.json", '{"lr": 1}');
    await put("metrics.json", '{"acc": 0.5}');
    await own.call("snapshot.create", { message: "x" });
    await rm(join(own.directory, "metrics.json"));
    await put("config.json", '{"lr": ');
    const { diff, skipped } = await own.call("snapshot.diff", {});
    assert.deepEqual([diff.config, diff.metrics], [[], []]);
    assert.deepEqual(
      skipped?.map(({ path }) => path),
      ["config.json"],
    );
    assert.deepEqual(
      diff.code.map(({ path, status }) => `${status} ${path}`),
      ["modified config.json", "removed metrics.json"],
    );
  });
});
