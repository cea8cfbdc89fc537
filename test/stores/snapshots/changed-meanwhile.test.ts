import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { watchedFiles } from "../../helpers/snapshot-files.ts";
import { SnapshotProject, takeSnapshot } from "../../helpers/snapshot-project.ts";

const SAVED = "saved by an editor while the checkout ran";

describe("a file that is saved while a restore runs", () => {
  let project: SnapshotProject;
  /** Runs once, ahead of the next call that fits. */
  let trap: { readonly call: string; readonly ends: string; readonly act: () => void } | undefined;
  let store: SnapshotStore;

  beforeEach(() => {
    project = new SnapshotProject();
    const fs = watchedFiles((name, args) => {
      const path = String(name === "renameSync" ? args[1] : args[0]);
      if (trap?.call !== name || !path.endsWith(trap.ends)) return;
      const { act } = trap;
      trap = undefined;
      act();
    });
    store = project.open({ fs });
  });
  afterEach(() => project.closeWhole());

  async function caught(call: string, ends: string, edited: string, journal: boolean): Promise<void> {
    for (const name of ["a", "b", "c"]) project.write(name, `first ${name}`);
    const first = await takeSnapshot(store);
    for (const name of ["a", "b"]) project.write(name, `second ${name}, longer`);
    project.write("d", "second d");
    project.write("e", "second e");
    const second = await takeSnapshot(store);
    const ids = { targetId: first.id, heldId: second.id };
    const request = { targetTree: first.tree, heldTree: second.tree, ...ids, displace: true };
    trap = { call, ends, act: () => writeFileSync(project.path(edited), SAVED) };
    await assert.rejects(store.restore(request), { kind: "WORKING_TREE_DIRTY", message: new RegExp(edited) });
    assert.equal(trap, undefined);
    assert.equal(readFileSync(project.path(edited), "utf8"), SAVED);
    assert.equal((await store.interruptedRestore()) !== undefined, journal);
    // What was saved is held now, and the same restore comes to its end.
    const now = await takeSnapshot(store);
    await store.restore({ ...request, heldTree: now.tree, heldId: now.id });
    assert.equal((await store.captureCode()).treeId, first.tree);
    assert.equal(await store.interruptedRestore(), undefined);
  }

  it("stops it before the first change", () => caught("statfsSync", "", "d", false));
  it("is not removed", () => caught("renameSync", "restore.json", "e", true));
  it("is not replaced", () => caught("renameSync", "restore.json", "b", true));
  it("is moved aside by the same command when it appeared at the place of another one", async () => {
    project.write("new", "first");
    project.write("gone", "first");
    const first = await takeSnapshot(store);
    project.remove("new");
    const second = await takeSnapshot(store);
    const ids = { targetId: first.id, heldId: second.id };
    const request = { targetTree: first.tree, heldTree: second.tree, ...ids, displace: true };
    const act = (): void => writeFileSync(project.path("new"), SAVED);
    trap = { call: "renameSync", ends: "restore.json", act };
    const hint = /^It was written while the checkout ran/;
    const message = "Files that no snapshot holds are in the way: new.";
    await assert.rejects(store.restore(request), { kind: "PATH_IN_THE_WAY", hint, message });
    assert.equal(readFileSync(project.path("new"), "utf8"), SAVED);
    assert.deepEqual((await store.restore(request)).displaced, ["new"]);
    assert.equal(readFileSync(project.path("new"), "utf8"), "first");
    assert.equal(readFileSync(`${project.datmo}/displaced/${first.id}/new`, "utf8"), SAVED);
  });
});
