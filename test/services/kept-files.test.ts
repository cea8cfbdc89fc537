import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import { openTestEngine, removeTestEngine, type TestEngine, temporaryFolder } from "../helpers/engine.ts";

const MIB = 1024 * 1024;
let engine: TestEngine;

const at = (...names: string[]): string => join(engine.directory, ...names);
const text = (path: string): string => readFileSync(at(path), "utf8");

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(at(path), ".."), { recursive: true });
  await writeFile(at(path), content);
}

async function take(message: string, ...paths: string[]) {
  return engine.call("snapshot.create", { message, ...(paths.length > 0 ? { paths } : {}) });
}

async function kindOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing thrown",
    (error: unknown) => (isDatmoError(error) ? error.kind : String(error)),
  );
}

beforeEach(async () => {
  engine = await openTestEngine();
  await write(".gitignore", "models/\nlatest\n");
  await write("train.py", "print(1)\n");
});
afterEach(() => removeTestEngine(engine));

describe("kept files that lay in the project", () => {
  it("come back at their places, small and big, whatever their name in the snapshot", async () => {
    const big = Buffer.alloc(5 * MIB, "a");
    await write("models/w.pt", "first");
    await write("models/big.bin", big);
    await chmod(at("models/w.pt"), 0o755);
    const { snapshot } = await take("one", "models/w.pt", "models/big.bin>weights/big.bin");
    assert.deepEqual(
      snapshot.files.map(({ path, source }) => [path, source]),
      [
        ["w.pt", "models/w.pt"],
        ["weights/big.bin", "models/big.bin"],
      ],
    );
    await rm(at("models"), { recursive: true });
    await write("train.py", "print(2)\n");
    await take("two");
    const back = await engine.call("snapshot.checkout", { id: snapshot.id });
    assert.deepEqual([...back.restored].sort(), ["models/big.bin", "models/w.pt"]);
    assert.deepEqual(back.notRestored, []);
    assert.equal(text("models/w.pt"), "first");
    assert.equal((await stat(at("models/w.pt"))).mode & 0o100, 0o100);
    assert.ok(readFileSync(at("models/big.bin")).equals(big));
    assert.equal(text("train.py"), "print(1)\n");
    const again = await engine.call("snapshot.checkout", { id: snapshot.id });
    assert.deepEqual([again.written, again.removed, again.restored.length], [0, 0, 0]);
  });

  it("changed since: unsaved work, refused, and with force saved and brought back from there", async () => {
    await write("models/w.pt", "first");
    const first = (await take("one", "models/w.pt")).snapshot;
    assert.equal((await engine.call("project.status", {})).clean, true);
    await write("models/w.pt", "trained on");
    const status = await engine.call("project.status", {});
    assert.equal(status.clean, false);
    assert.deepEqual(status.keptChanges, [{ path: "models/w.pt", status: "modified" }]);
    assert.equal(status.current, undefined);
    assert.equal(await kindOf(engine.call("snapshot.checkout", { id: first.id })), "WORKING_TREE_DIRTY");
    assert.equal(text("models/w.pt"), "trained on");
    const forced = await engine.call("snapshot.checkout", { id: first.id, force: true });
    assert.equal(text("models/w.pt"), "first");
    assert.ok(forced.saved);
    assert.deepEqual(
      forced.saved.files.map(({ path }) => path),
      ["models/w.pt"],
    );
    const clean = await engine.call("project.status", {});
    assert.deepEqual([clean.clean, clean.current?.id], [true, first.id]);
    // No force: what is there now is held by the first snapshot.
    const back = await engine.call("snapshot.checkout", { id: forced.saved.id });
    assert.equal(back.saved, undefined);
    assert.equal(text("models/w.pt"), "trained on");
  });

  it("never kept before, but in the place of one: unsaved work as well", async () => {
    await write("models/w.pt", "first");
    const first = (await take("one", "models/w.pt")).snapshot;
    await rm(at("models/w.pt"));
    await write("models/other.pt", "x");
    await take("two", "models/other.pt");
    await write("models/w.pt", "made elsewhere");
    assert.equal(await kindOf(engine.call("snapshot.checkout", { id: first.id })), "WORKING_TREE_DIRTY");
    const forced = await engine.call("snapshot.checkout", { id: first.id, force: true });
    assert.equal(text("models/w.pt"), "first");
    await engine.call("snapshot.checkout", { id: forced.saved?.id ?? "" });
    assert.equal(text("models/w.pt"), "made elsewhere");
    // What a snapshot does not keep is left where it is.
    assert.equal(text("models/other.pt"), "x");
  });

  it("a missing one is told, and is no unsaved work", async () => {
    await write("models/w.pt", "first");
    const { snapshot } = await take("one", "models/w.pt");
    await rm(at("models/w.pt"));
    const status = await engine.call("project.status", {});
    assert.deepEqual(status.keptChanges, [{ path: "models/w.pt", status: "removed" }]);
    assert.equal(status.clean, true);
    assert.equal(status.current, undefined);
    const back = await engine.call("snapshot.checkout", { id: snapshot.id });
    assert.deepEqual(back.restored, ["models/w.pt"]);
  });

  it("from outside the project and from a run's own folder are told, not written", async () => {
    const outside = await temporaryFolder();
    await writeFile(join(outside, "data.csv"), "1,2\n");
    const { snapshot } = await take("one", join(outside, "data.csv"));
    assert.equal(snapshot.files[0]?.source, undefined);
    await write("train.py", "print(2)\n");
    await take("two");
    const back = await engine.call("snapshot.checkout", { id: snapshot.id });
    assert.deepEqual([back.restored, back.notRestored], [[], ["data.csv"]]);
    assert.equal(existsSync(at("data.csv")), false);
    await rm(outside, { recursive: true });
  });

  it("a missing big file is found before anything is touched", async () => {
    await write("models/big.bin", Buffer.alloc(5 * MIB, "b"));
    const { snapshot } = await take("one", "models/big.bin");
    await rm(at("models"), { recursive: true });
    await rm(at(".datmo/git/lfs/objects"), { recursive: true });
    await write("train.py", "print(2)\n");
    await take("two");
    assert.equal(await kindOf(engine.call("snapshot.checkout", { id: snapshot.id })), "SNAPSHOT_CORRUPT");
    assert.equal(text("train.py"), "print(2)\n");
    assert.equal(existsSync(at("models")), false);
    assert.equal((await engine.call("project.status", {})).interruptedCheckout, undefined);
  });

  it("links and folders keep their kinds; a folder or link in the way is moved only by force", async () => {
    await write("models/a/1", "one");
    await symlink("a/1", at("models/newest"));
    const { snapshot } = await take("one", "models");
    await rm(at("models/newest"));
    await symlink("a/2", at("models/newest"));
    const refused = await kindOf(engine.call("snapshot.checkout", { id: snapshot.id }));
    assert.equal(refused, "WORKING_TREE_DIRTY");
    const linked = await engine.call("snapshot.checkout", { id: snapshot.id, force: true });
    assert.deepEqual(linked.restored, ["models/newest"]);
    assert.equal(text("models/newest"), "one");
    await rm(at("models/a/1"));
    await write("models/a/1/inner", "a folder now");
    const blocked = await kindOf(engine.call("snapshot.checkout", { id: snapshot.id }));
    assert.equal(blocked, "WORKING_TREE_DIRTY");
    const moved = await engine.call("snapshot.checkout", { id: snapshot.id, force: true });
    assert.deepEqual(moved.displaced, ["models/a/1/inner"]);
    assert.equal(text("models/a/1"), "one");
    assert.equal(text(`.datmo/displaced/${snapshot.id}/models/a/1/inner`), "a folder now");
  });

  it("a link above their place is never followed", async () => {
    const outside = await temporaryFolder();
    await write("models/w.pt", "first");
    const { snapshot } = await take("one", "models/w.pt");
    await rm(at("models"), { recursive: true });
    await symlink(outside, at("models"));
    await write(".gitignore", "models\nlatest\n");
    await take("two");
    const refused = await kindOf(engine.call("snapshot.checkout", { id: snapshot.id }));
    assert.equal(refused, "PATH_IN_THE_WAY");
    assert.equal(existsSync(join(outside, "w.pt")), false);
    await rm(outside, { recursive: true });
  });

  it("half restored by a killed checkout: finished or taken back, and what was there is saved", async () => {
    for (const goal of ["first", "second"] as const) {
      await write("models/w.pt", "first");
      await write("train.py", "print(1)\n");
      const first = (await take("one", "models/w.pt")).snapshot;
      await write("models/w.pt", "second");
      await write("train.py", "print(2)\n");
      const second = (await take("two", "models/w.pt")).snapshot;
      const mark = {
        v: 1,
        targetId: first.id,
        targetTree: first.codeId,
        heldId: second.id,
        heldTree: second.codeId,
      };
      await write(".datmo/git/datmo/restore.json", JSON.stringify(mark));
      await write("models/w.pt", "fir");
      await write("train.py", "print(1)\n");
      const { interruptedCheckout } = await engine.call("project.status", {});
      assert.deepEqual(interruptedCheckout, { targetId: first.id, heldId: second.id });
      const { id } = goal === "first" ? first : second;
      await engine.call("snapshot.checkout", { id });
      assert.deepEqual(
        [text("models/w.pt"), text("train.py")],
        [goal, goal === "first" ? "print(1)\n" : "print(2)\n"],
      );
      assert.equal((await engine.call("project.status", {})).interruptedCheckout, undefined);
      const { items } = await engine.call("snapshot.list", { all: true, limit: 1 });
      assert.deepEqual(
        items[0]?.files.map(({ path, bytes }) => [path, bytes]),
        [["models/w.pt", 3]],
      );
    }
  });

  it("become part of the code and back: each snapshot brings its own", async () => {
    await write("models/w.pt", "kept");
    const kept = (await take("kept", "models/w.pt")).snapshot;
    await write(".gitignore", "latest\n");
    await write("models/w.pt", "code");
    const code = (await take("code")).snapshot;
    await engine.call("snapshot.checkout", { id: kept.id });
    assert.equal(text("models/w.pt"), "kept");
    await engine.call("snapshot.checkout", { id: code.id });
    assert.equal(text("models/w.pt"), "code");
  });

  it("nothing changed gives the same snapshot, and a moved file another one", async () => {
    await write("models/w.pt", "first");
    const one = await take("one", "models/w.pt");
    const again = await engine.call("snapshot.create", {
      message: "said again",
      label: "best",
      paths: ["models/w.pt"],
    });
    assert.equal(again.created, false);
    assert.deepEqual(
      [again.snapshot.id, again.snapshot.message, again.snapshot.label],
      [one.snapshot.id, "said again", "best"],
    );
    await write("models/moved/w.pt", "first");
    const moved = await take("moved", "models/moved/w.pt");
    assert.equal(moved.created, true);
  });
});
