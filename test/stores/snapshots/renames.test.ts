import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SnapshotStore } from "../../../src/services/ports/snapshots.ts";
import { below, pick, seeded } from "../../helpers/random.ts";
import { SnapshotProject, takeSnapshot } from "../../helpers/snapshot-project.ts";

const ROUNDS = process.env["DATMO_SOAK"] ? 300 : 25;

describe("finding renamed files", () => {
  let project: SnapshotProject;
  let store: SnapshotStore;
  beforeEach(() => {
    project = new SnapshotProject();
    store = project.open({ threads: 0 });
  });
  afterEach(() => project.closeWhole());

  const taken = async (): Promise<string> => (await takeSnapshot(store)).tree;

  /** Our words in git's letters. */
  async function ours(before: string, after: string, paths?: string[]): Promise<string[]> {
    const changes = await store.diffTrees(before, after, { renames: true, ...(paths ? { paths } : {}) });
    const letters = {
      added: "A",
      removed: "D",
      modified: "M",
      modeChanged: "M",
      typeChanged: "T",
      renamed: "R",
    };
    return changes.map(({ path, from, status, similarity }) =>
      from === undefined
        ? `${letters[status]}\t${path}`
        : `R${String(similarity).padStart(3, "0")}\t${from}\t${path}`,
    );
  }

  function gits(before: string, after: string, paths: string[] = []): string[] {
    const args = ["-c", "core.quotePath=false", "diff", "-M", "--name-status", before, after, "--", ...paths];
    return project
      .stockGit(...args)
      .trimEnd()
      .split("\n")
      .filter(Boolean);
  }

  it("unchanged ones by their content, those of the same name first; links only as links", async () => {
    project.write("a/model.py", lines(20));
    project.write("b/copy.py", lines(20));
    project.write("script.sh", "echo\n".repeat(9));
    project.link("here", "a/model.py");
    const before = await taken();
    for (const path of ["a", "b", "script.sh", "here"]) project.remove(path);
    project.write("c/copy.py", lines(20));
    project.write("d/model.py", lines(20));
    project.write("bin/run.sh", "echo\n".repeat(9));
    chmodSync(project.path("bin/run.sh"), 0o755);
    project.link("there", "a/model.py");
    const after = await taken();
    const found = await ours(before, after);
    assert.deepEqual(found, [
      "R100\tscript.sh\tbin/run.sh",
      "R100\tb/copy.py\tc/copy.py",
      "R100\ta/model.py\td/model.py",
      "R100\there\tthere",
    ]);
    assert.deepEqual(found, gits(before, after));
    const sh = (await store.diffTrees(before, after, { renames: true })).find(
      ({ path }) => path === "bin/run.sh",
    );
    assert.deepEqual([sh?.oldMode, sh?.newMode, sh?.oldId === sh?.newId], ["file", "executable", true]);
  });

  it("changed ones by half of their lines, and not by less", async () => {
    project.write("half.py", lines(20));
    project.write("less.py", lines(20, "other"));
    project.write("empty", "");
    const before = await taken();
    for (const path of ["half.py", "less.py", "empty"]) project.remove(path);
    project.write("x/half2.py", lines(12) + lines(8, "new"));
    project.write("x/less2.py", lines(5, "other") + lines(15, "new"));
    project.write("x/void", "");
    const after = await taken();
    assert.deepEqual(await ours(before, after), gits(before, after));
    assert.deepEqual(await ours(before, after), [
      "D\tless.py",
      "R058\thalf.py\tx/half2.py",
      "A\tx/less2.py",
      "R100\tempty\tx/void",
    ]);
    assert.deepEqual(await ours(before, after, ["x"]), gits(before, after, ["x"]));
  });

  it("big files by their hash only", async () => {
    const big = Buffer.alloc(4_200_000, "weights ");
    project.write("old.bin", big);
    project.write("other.bin", Buffer.concat([big, Buffer.from("1")]));
    const before = await taken();
    project.remove("old.bin");
    project.remove("other.bin");
    project.write("new.bin", big);
    project.write("another.bin", Buffer.concat([big, Buffer.from("2")]));
    assert.deepEqual(await ours(before, await taken()), [
      "A\tanother.bin",
      "R100\told.bin\tnew.bin",
      "D\tother.bin",
    ]);
  });

  it("stops when nobody waits any more", async () => {
    project.write("a", lines(20));
    const before = await taken();
    project.remove("a");
    project.write("b", lines(19));
    const after = await taken();
    await assert.rejects(store.diffTrees(before, after, { renames: true, signal: AbortSignal.abort() }), {
      kind: "CANCELLED",
    });
  });

  it(`as git does, in ${ROUNDS} random rounds`, async () => {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = seeded(seed);
      project.clear();
      const files = new Map<string, string>();
      for (let i = 0; i < 25; i++) files.set(randomPath(random), randomText(random));
      for (const [path, text] of files) project.write(path, text);
      const before = await taken();
      project.clear();
      for (const [path, text] of shaken(random, files)) project.write(path, text);
      const after = await taken();
      assert.deepEqual(await ours(before, after), gits(before, after), `seed ${seed}`);
    }
  });
});

function lines(count: number, word = "line"): string {
  return Array.from({ length: count }, (_, at) => `${word} number ${at}\n`).join("");
}

/** Ten folders and few names, so that names meet; no folder has the name of a file. */
function randomPath(random: () => number): string {
  const name = pick(random, ["main", "util", "train", "model", "data", "net", "a b", "größe"]);
  return `${pick(random, ["src", "lib", "src/deep", "test", "x"])}/${name}${below(random, 3) || ""}.py`;
}

function randomText(random: () => number): string {
  const count = pick(random, [0, 1, 3, 12, 40]);
  const end = pick(random, ["\n", "\n", "\r\n"]);
  const words = Array.from({ length: count }, () => `value ${below(random, 60)} = ${below(random, 4)}`);
  return words.map((word) => word + end).join("");
}

/** Each file stays, goes, moves, is edited, or moves and is edited; some come. */
function shaken(random: () => number, files: ReadonlyMap<string, string>): Map<string, string> {
  const after = new Map<string, string>();
  for (const [path, text] of files) {
    const fate = random();
    if (fate < 0.3) after.set(path, text);
    else if (fate < 0.4) after.set(path, edited(random, text));
    else if (fate < 0.6) after.set(randomPath(random), text);
    else if (fate < 0.9) after.set(randomPath(random), edited(random, text));
  }
  for (let i = 0; i < 3; i++) after.set(randomPath(random), randomText(random));
  return after;
}

function edited(random: () => number, text: string): string {
  const parts = text.split("\n");
  const times = 1 + below(random, parts.length);
  for (let i = 0; i < times; i++) {
    const at = below(random, parts.length);
    if (random() < 0.5) parts.splice(at, 1);
    else parts.splice(at, 0, `new ${below(random, 1000)} and some more`);
  }
  // Git before 2.44 leaves the end of a file without a line feed out when it compares.
  return parts.join("\n").replace(/(?<=[^\n])$/, "\n");
}
