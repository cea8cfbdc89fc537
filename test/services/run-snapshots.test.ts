import assert from "node:assert/strict";
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import type { Snapshot } from "../../src/protocol/types.ts";
import { openTestEngine, removeTestEngine, type TestEngine, temporaryFolder } from "../helpers/engine.ts";

/* Snapshots that are taken while a run goes on, and of runs that have ended. */

let engine: TestEngine;
const at = (...names: string[]): string => join(engine.directory, ...names);

before(async () => {
  engine = await openTestEngine();
  await writeFile(at(".gitignore"), "models/\n");
  await mkdir(at("models"));
});
after(() => removeTestEngine(engine));

const placesOf = ({ files }: Snapshot): Record<string, string | undefined> =>
  Object.fromEntries(files.map(({ path, source }) => [path, source]));

interface Answer {
  readonly id: string;
  readonly result?: { readonly snapshot: Snapshot };
  readonly error?: { readonly kind: string; readonly message: string };
}

/** Leaves lines in a run's journal as one of its processes does, and waits for the answer to the last one. */
async function ask(runId: string, writer: string, lines: readonly object[]): Promise<Answer> {
  const folder = at(".datmo", "tasks", runId);
  const stamped = lines.map((line) => `${JSON.stringify({ v: 1, at: new Date().toISOString(), ...line })}\n`);
  await appendFile(join(folder, "journal", `${writer}.jsonl`), stamped.join(""));
  for (let i = 0; i < 400; i++) {
    const text = await readFile(join(folder, "reply", `${writer}.jsonl`), "utf8").catch(() => "");
    const answer = text.split("\n").find((line) => line.includes('"r1"'));
    if (answer) return JSON.parse(answer) as Answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("nobody answered");
}

const request = (params: object) => ({ type: "request", id: "r1", method: "snapshot.create", params });

describe("a snapshot within a run", () => {
  it("has the files that the run kept so far, each with its place, and those given besides", async () => {
    const { run } = await engine.call("run.create", { name: "one", config: { lr: 1 } });
    await writeFile(at("models/w.pt"), "first");
    await engine.call("file.log", { runId: run.id, path: at("models/w.pt"), name: "epoch1.pt" });
    await writeFile(at("models/w.pt"), "second");
    await engine.call("file.log", { runId: run.id, path: at("models/w.pt"), name: "epoch2.pt" });
    await writeFile(at(".datmo/tasks", run.id, "plot.png"), "made by the run");
    await writeFile(at("notes.txt"), "x");
    const { snapshot } = await engine.call("snapshot.create", {
      message: "inside",
      runId: run.id,
      paths: ["notes.txt"],
    });
    assert.equal(snapshot.runId, run.id);
    assert.deepEqual(snapshot.config, { lr: 1 });
    // The place belongs to what was kept from it last.
    assert.deepEqual(placesOf(snapshot), {
      "epoch1.pt": undefined,
      "epoch2.pt": "models/w.pt",
      "notes.txt": "notes.txt",
      "plot.png": undefined,
    });
    // From another engine, as from another terminal.
    const other = await openTestEngine({ directory: engine.directory });
    const elsewhere = (await other.call("snapshot.create", { message: "from outside", runId: "one" }))
      .snapshot;
    assert.deepEqual(placesOf(elsewhere), {
      "epoch1.pt": undefined,
      "epoch2.pt": "models/w.pt",
      "plot.png": undefined,
    });
    await other.close();
    await engine.call("run.finish", { id: run.id });
    await rm(at("models/w.pt"));
    const { run: ended } = await engine.call("run.wait", { id: run.id });
    const back = await engine.call("snapshot.checkout", { id: ended.afterSnapshotId ?? "" });
    assert.deepEqual(
      [back.restored, [...back.notRestored].sort()],
      [["models/w.pt"], ["epoch1.pt", "plot.png"]],
    );
    assert.equal(await readFile(at("models/w.pt"), "utf8"), "second");
  });

  it("asked for in its journal has what the journal kept before", async () => {
    const { run } = await engine.call("run.create", { name: "journal" });
    await writeFile(at("models/j.pt"), "from the journal");
    const answer = await ask(run.id, "w", [
      { type: "file", path: at("models/j.pt") },
      request({ message: "asked", paths: ["notes.txt"] }),
    ]);
    assert.deepEqual(placesOf(answer.result?.snapshot as Snapshot), {
      "j.pt": "models/j.pt",
      "notes.txt": "notes.txt",
    });
    await engine.call("run.finish", { id: run.id });
  });

  it("asked for in its journal takes nothing from outside, by whatever way", async () => {
    const outside = await temporaryFolder();
    await writeFile(join(outside, "secret"), "s");
    await symlink(join(outside, "secret"), at("models", "link"));
    await symlink(outside, at("models", "folder"));
    const paths = [
      join(outside, "secret"),
      "models/link",
      "models/folder/secret",
      "models/folder>x",
      ".datmo/format",
      "../../etc/hostname",
    ];
    const { run } = await engine.call("run.create", { name: "confined" });
    for (const [i, path] of paths.entries()) {
      const { error } = await ask(run.id, `w${i}`, [request({ message: "x", paths: [path] })]);
      assert.deepEqual([error?.kind, path], [path.startsWith("../") ? error?.kind : "PATH_INVALID", path]);
      assert.match(error?.kind ?? "", /^PATH_(INVALID|NOT_FOUND)$/);
    }
    // Its own folder is its own.
    const own = at(".datmo/tasks", run.id, "own.txt");
    await writeFile(own, "mine");
    const { result } = await ask(run.id, "own", [request({ message: "own", paths: [own] })]);
    assert.ok(result?.snapshot.files.some(({ path }) => path === "own.txt"));
    await engine.call("run.finish", { id: run.id });
    await rm(outside, { recursive: true });
  });

  it("of an isolated run is of its copy, not of the project", async () => {
    await writeFile(at("train.sh"), "echo made > made.txt; sleep 3\n");
    const { run } = await engine.call("run.start", { command: "sh train.sh", isolated: true });
    const made = at(".datmo/isolated", run.id, "project", "made.txt");
    for (let i = 0; i < 200 && !(await readFile(made).catch(() => undefined)); i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await writeFile(at("only-here.txt"), "x");
    const { snapshot } = await engine.call("snapshot.create", {
      message: "copy",
      runId: run.id,
      paths: ["made.txt"],
    });
    assert.deepEqual(placesOf(snapshot), { "made.txt": "made.txt" });
    const target = join(await temporaryFolder(), "out");
    await engine.call("snapshot.export", { id: snapshot.id, directory: target, only: "code" });
    assert.equal(await readFile(join(target, "made.txt"), "utf8"), "made\n");
    await assert.rejects(readFile(join(target, "only-here.txt")));
    await engine.call("run.stop", { id: run.id });
    await rm(join(target, ".."), { recursive: true });
  });
});

it("of a run that has ended nothing can be added, and the sentence says what to do", async () => {
  const { run } = await engine.call("run.start", { command: "true" });
  await engine.call("run.wait", { id: run.id });
  const refused = await engine
    .call("snapshot.create", { message: "x", runId: run.id, paths: ["notes.txt"] })
    .catch((error: unknown) => error);
  assert.ok(isDatmoError(refused));
  assert.match(
    refused.message,
    /has ended: its snapshot holds the code, files and config .* no --path can be added/,
  );
  assert.match(refused.hint ?? "", /leave --run out/);
});
