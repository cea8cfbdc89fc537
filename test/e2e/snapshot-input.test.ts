import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DATMO, makePlace, type Outcome, outcomeOf, type Place } from "../helpers/datmo-process.ts";

/* What people give `snapshot` that cannot be: one sentence, what is wrong named, nothing taken. */

const NOBODY = 65_534;

function assertRefusal(outcome: Outcome, code: number, message: RegExp): void {
  assert.match(outcome.stderr, message);
  assert.equal(outcome.code, code, outcome.stderr);
  assert.equal(outcome.stdout, "");
  assert.doesNotMatch(outcome.stderr, /\n\s+at /);
}

describe("kept files", () => {
  const place = makePlace({ after });
  before(async () => {
    await place.ok("init", "--force");
    place.write("a/model.pt", "a");
    place.write("b/model.pt", "b");
    symlinkSync("nowhere", join(place.directory, "dangling"));
    spawnSync("mkfifo", [join(place.directory, "pipe")]);
  });

  const cases: [paths: string[], code: number, message: RegExp][] = [
    [["none.bin"], 4, /no file or folder .*\/none\.bin\./],
    [["dangling"], 4, /no file or folder .*\/dangling\./],
    [[">x"], 2, />x cannot be used: it names no file/],
    [["a/model.pt", "b/model.pt"], 2, /Two sources would have the name model\.pt\.\nhint: .*SRC>NAME/],
    [["a>w", "b/model.pt>w/model.pt"], 2, /Two sources would have the name w/],
    [["a/model.pt>/etc/x"], 2, /its name is absolute/],
    [["a/model.pt>../x"], 2, /its name leads out of the component/],
    [["a/model.pt>x/../../y"], 2, /its name leads out of the component/],
    [["a/model.pt>.git/x"], 2, /\.git is not a name for a kept file/],
    [["a/model.pt>x/.GIT /y"], 2, /could be taken for \.git or \.datmo/],
    [["a/model.pt>git~1"], 2, /could be taken for \.git or \.datmo/],
    [["a/model.pt>b>c"], 2, /more than one >/],
    [["pipe"], 2, /pipe cannot be used: it is a pipe, socket or device/],
  ];
  for (const [paths, code, message] of cases) {
    test(paths.join(" and "), async () => {
      const flags = paths.flatMap((path) => ["--path", path]);
      assertRefusal(await place.datmo(["snapshot", "create", "-m", "x", ...flags]), code, message);
    });
  }

  test("nothing was taken", async () => {
    assert.deepEqual((await place.json("snapshot.list", "snapshot", "ls", "--all")).items, []);
  });

  test("a label that several snapshots have", async () => {
    await place.ok("snapshot", "create", "-m", "one", "-l", "best");
    await place.ok("snapshot", "create", "-m", "two", "-l", "best", "-c", "n=2");
    const refused = await place.datmo(["snapshot", "inspect", "best"]);
    assertRefusal(
      refused,
      4,
      /"best" fits 2 snapshots: .*\nhint: Several snapshots have this label: give the id/,
    );
  });
});

describe("pointers", () => {
  const place = makePlace({ after });
  before(async () => {
    await place.ok("init", "--force");
    mkdirSync(join(place.directory, "data"));
  });
  const create = (...more: string[]) => place.datmo(["snapshot", "create", "-m", "x", ...more]);

  test("are refused where they lead nowhere", async () => {
    assertRefusal(await create("--pointer", "k"), 2, /"k" is no pointer\.\nhint: Write KEY=PATH/);
    assertRefusal(await create("--pointer", "k=none"), 4, /no file or folder .*none/);
    assertRefusal(await create("--pointer", "k=data"), 2, /data cannot be used: it is a folder.*\nhint: /);
    assertRefusal(
      await create("--pointer", "a..b=x"),
      2,
      /the pointer a\.\.b cannot be used: it has an empty key/,
    );
  });

  test("that are none: the key and the file are named", async () => {
    place.write("config.json", '{"data": {"train": {"$pointer": "x", "sha256": "12"}}}');
    const message = /config\.json cannot be used: the pointer data\.train: its sha256 must be 64/;
    assertRefusal(await create(), 2, message);
    assertRefusal(await place.datmo(["run", "true"]), 2, message);
    const status = await place.datmo(["status"]);
    assert.equal(status.code, 0);
    assert.match(status.stderr, message);
    rmSync(join(place.directory, "config.json"));
    assertRefusal(await create("-c", 'd:{"$pointer": ""}'), 2, /config cannot be used: the pointer d: /);
  });
});

test("no space: how much is needed and how much is free; status and ls go on", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("train.py", "print(1)\n");
  await place.ok("snapshot", "create", "-m", "one");
  place.write("huge", "");
  // More than any disk here has room for, and none of it is written.
  truncateSync(join(place.directory, "huge"), 15e12);
  const message = /Cannot record big files \(1\d{7}\.\d MB are needed, \d+\.\d MB are free\): no space left/;
  const refused = await place.datmo(["snapshot", "create", "-m", "two"]);
  assertRefusal(refused, 7, message);
  const json = await place.datmo(["snapshot", "create", "-m", "two", "--json"]);
  const { details } = JSON.parse(json.stdout).error;
  assert.ok(details.neededBytes > 15e12 && details.freeBytes < details.neededBytes);
  const status = await place.datmo(["status"]);
  assert.equal(status.code, 0);
  assert.match(status.stderr, message);
  assert.match(await place.ok("snapshot", "ls"), /one/);
});

test("a damaged object: which snapshot, and what to do; nothing is touched", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("train.py", "print(1)\n".repeat(50));
  const taken = await place.json("snapshot.create", "snapshot", "create", "-m", "one", "--path", "train.py");
  place.write("train.py", "print(2)\n");
  await place.ok("snapshot", "create", "-m", "two");
  const packs = join(place.directory, ".datmo/git/objects/pack");
  for (const name of readdirSync(packs)) {
    const path = join(packs, name);
    chmodSync(path, 0o600);
    const { size } = lstatSync(path);
    if (name.endsWith(".pack"))
      writeFileSync(path, Buffer.concat([Buffer.from("PACK"), Buffer.alloc(size - 4)]));
  }
  const hint = /cannot be read: .*\nhint: Run `datmo fsck`/;
  const { id } = taken.snapshot;
  assertRefusal(await place.datmo(["snapshot", "checkout", id]), 4, hint);
  assertRefusal(await place.datmo(["snapshot", "inspect", id]), 4, hint);
  assert.equal(place.read("train.py"), "print(2)\n");
  assert.match(await place.ok("snapshot", "ls"), /two/);
  const status = await place.datmo(["status"]);
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stderr, /warning: Snapshot .* cannot be read/);
});

test("a file that may not be read: named when it is asked for, told when it lies in the project", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("secret.bin", "x");
  place.write("folder/readable", "y");
  place.write("folder/secret", "x");
  for (const path of ["secret.bin", "folder/secret"]) chmodSync(join(place.directory, path), 0);
  const datmo = asNobody(place);
  if (!datmo) {
    assert.notEqual(process.env["DATMO_TEST_REQUIRE"], "all", "setpriv is needed to test as another user");
    t.skip("setpriv is needed to test as another user");
    return;
  }
  const unreadable = /secret\.bin cannot be used: it cannot be read \(EACCES\)/;
  assertRefusal(await datmo("snapshot", "create", "-m", "x", "--path", "secret.bin"), 2, unreadable);
  const taken = await datmo("snapshot", "create", "-m", "x", "--path", "folder", "--json");
  assert.equal(taken.code, 0, taken.stderr);
  const { snapshot, skipped } = JSON.parse(taken.stdout) as {
    snapshot: { files: { path: string }[] };
    skipped: { path: string }[];
  };
  assert.deepEqual(
    snapshot.files.map(({ path }) => path),
    ["folder/readable"],
  );
  assert.deepEqual(skipped.map(({ path }) => path).sort(), ["folder/secret", "folder/secret", "secret.bin"]);
  assertRefusal(await datmo("snapshot", "create", "-m", "x", "--pointer", "k=secret.bin"), 2, unreadable);
});

/** Runs datmo in the place as somebody who is not root; undefined when that cannot be. */
function asNobody(place: Place): ((...argv: string[]) => Promise<Outcome>) | undefined {
  if (process.getuid?.() !== 0) return (...argv) => place.datmo(argv);
  const how = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  if (spawnSync("setpriv", [...how, process.execPath, DATMO, "version"]).status !== 0) return undefined;
  give(dirname(place.directory));
  return (...argv) => {
    const child = spawn("setpriv", [...how, process.execPath, DATMO, ...argv], { cwd: place.directory });
    child.stdin.end();
    return outcomeOf(child);
  };
}

function give(path: string): void {
  chownSync(path, NOBODY, NOBODY);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) give(join(path, name));
}
