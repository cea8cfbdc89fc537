import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DATMO, makePlace, outcomeOf, type Place } from "../helpers/datmo-process.ts";
import { Transcript } from "../helpers/golden.ts";
import { below, pick, seeded } from "../helpers/random.ts";
import { canRun, cleanEnvironment, describeFiles } from "../helpers/snapshot-project.ts";
import { onTerminal } from "../helpers/terminal.ts";

const notebook = (...sources: string[]): string =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: sources.map((source, at) => ({
      cell_type: "code",
      id: `cell-${source.length > 30 ? at : source.slice(0, 4).trim()}`,
      source,
      outputs: [{ output_type: "stream", text: String(at) }],
      execution_count: at,
      metadata: {},
    })),
  });

function writeFirst(place: Place): void {
  place.write("train.py", "import json\n\nlr = 0.1\n\n\ndef main():\n    print(lr)\n");
  place.write("lib/net.py", "def net():\n    return 1\n\n\ndef loss():\n    return 2\n");
  place.write("look.ipynb", notebook("load()\nshow()\n", "plot()\n"));
  place.write("data.csv", "a,b\r\n1,2\r\n");
  place.write("image.bin", new Uint8Array([1, 0, 2]));
  place.write("run.sh", "#!/bin/sh\n");
  place.write("requirements.txt", "numpy==1.26\n");
  place.write("config.json", '{"lr": 0.1, "net": {"width": 64}}\n');
  place.write("metrics.json", '{"accuracy": 0.91}\n');
}

function writeSecond(place: Place): void {
  place.write("train.py", "import json\n\nlr = 0.5\n\n\ndef main():\n    print(lr)\n");
  rmSync(join(place.directory, "lib"), { recursive: true });
  place.write("model/net.py", "def net():\n    return 1\n\n\ndef loss():\n    return 3\n");
  place.write("look.ipynb", notebook("plot()\n", "load()\nshow(all)\n"));
  place.write("data.csv", "a,b\r\n1,3\r\n");
  place.write("image.bin", new Uint8Array([1, 0, 2, 3]));
  chmodSync(join(place.directory, "run.sh"), 0o755);
  place.write("notes.txt", "no line feed");
  place.write("requirements.txt", "numpy==2.0\n");
  place.write("config.json", '{"lr": 0.5, "net": {"width": 64}}\n');
  place.write("metrics.json", '{"accuracy": 0.95}\n');
}

test("two states, as a user sees what differs", async (t) => {
  const place = makePlace(t);
  const shown = new Transcript(place);
  await place.ok("init", "--force");
  await shown.datmo(["snapshot", "diff"]);
  writeFirst(place);
  const { snapshot: first } = await place.json(
    "snapshot.create",
    "snapshot",
    "create",
    "-m",
    "first",
    "-l",
    "first",
  );
  shown.name("first", first.id);
  await shown.datmo(["snapshot", "diff"]);
  writeSecond(place);
  await shown.datmo(["snapshot", "diff", "--stat"]);
  const { snapshot: second } = await place.json(
    "snapshot.create",
    ...["snapshot", "create", "-m", "second", "-l", "second", "--path", "data.csv>kept/data.csv"],
  );
  shown.name("second", second.id);
  await shown.datmo(["snapshot", "diff", "first", "second"]);
  await shown.datmo(["snapshot", "diff", "first", "second", "--name-status"]);
  await shown.datmo(["snapshot", "diff", "first", "second", "--name-only"]);
  await shown.datmo(["snapshot", "diff", "first", "second", "-U0", "train.py"]);
  await shown.datmo(["snapshot", "diff", "first", "net.py"], { directory: join(place.directory, "model") });
  await shown.datmo(["snapshot", "diff", "second", "train.py"]);
  await shown.datmo(["snapshot", "diff", "first", "second", "nowhere.py"]);
  shown.check("comparing.txt");
});

test("what is printed is taken by patch and by git apply, in a project of every kind of change", async (t) => {
  if (!canRun("patch", "--version")) return t.skip("needs patch");
  const place = makePlace(t);
  await place.ok("init", "--force");
  writeFirst(place);
  for (const name of ["look.ipynb", "image.bin"]) rmSync(join(place.directory, name));
  place.write("ends", "no line feed");
  place.write("gone and empty", "");
  place.write("gone.txt", "bye\r\nbye\n");
  place.write("to link", "a file\n");
  place.write('quo"te\\.txt', "1\n2\n3\n4\n");
  symlinkSync("train.py", join(place.directory, "link"));
  await checkPatches(place, () => {
    writeSecond(place);
    for (const name of ["look.ipynb", "image.bin", "gone and empty", "gone.txt", "to link", "link"])
      rmSync(join(place.directory, name));
    place.write("ends", "no line feed\n");
    place.write("größe und leer/new", "");
    symlinkSync("nowhere", join(place.directory, "to link"));
    symlinkSync("ends", join(place.directory, "link"));
    rmSync(join(place.directory, 'quo"te\\.txt'));
    place.write("a new\tname.txt", "1\n2\n3\nfour\n");
    place.write("--- a/x", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n");
  });
});

test("so is what differs between random texts", async (t) => {
  if (!canRun("patch", "--version")) return t.skip("needs patch");
  const place = makePlace(t);
  await place.ok("init", "--force");
  const random = seeded(11);
  const texts = new Map(Array.from({ length: 40 }, (_, at) => [`f${at}.txt`, randomText(random)]));
  for (const [name, text] of texts) place.write(name, text);
  await checkPatches(place, () => {
    for (const [name, text] of texts) place.write(name, editedText(random, text));
  });
});

test("a program that stops reading ends it quietly", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("big.txt", "");
  await place.ok("snapshot", "create", "-m", "one");
  place.write("big.txt", "a line of it\n".repeat(100_000));
  const child = spawn("sh", ["-c", '"$0" "$1" snapshot diff | head -n 8', process.execPath, DATMO], {
    cwd: place.directory,
  });
  const { code, stdout, stderr } = await outcomeOf(child);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(stdout.split("\n").length, 9);
});

test("on a terminal nothing in a file or name steers it", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("x.py", "ok\n");
  await place.ok("snapshot", "create", "-m", "one");
  place.write("x.py", "ok\n\u001b]0;owned\u0007\u009b31m\u202etxt\n");
  place.write("e\u001b[2Jvil", "x\n");
  const { shown } = await onTerminal(place, ["snapshot", "diff"]);
  assert.match(shown, /^\+\^\[\]0;owned\^G<U\+009B>31m<U\+202E>txt$/m);
  assert.match(shown, /^\+\+\+ "b\/e\\033\[2Jvil"$/m);
});

/** Takes a snapshot, changes the project, and lets others make the second state out of the first. */
async function checkPatches(place: Place, change: () => void): Promise<void> {
  const other = mkdtempSync(join(tmpdir(), "datmo-patch-"));
  try {
    await place.ok("snapshot", "create", "-m", "before", "-l", "before");
    const copy = (name: string): string => {
      const directory = join(other, name);
      cpSync(place.directory, directory, { recursive: true, verbatimSymlinks: true });
      rmSync(join(directory, ".datmo"), { recursive: true });
      return directory;
    };
    const [patched, applied] = [copy("patched"), copy("applied")];
    change();
    const { bytes } = await place.datmo(["snapshot", "diff", "before"]);
    writeFileSync(join(other, "all.patch"), bytes);
    const expected = describeFiles(place.directory);
    for (const [directory, command, args] of [
      [patched, "patch", ["-p1", "--no-backup-if-mismatch", "-i", "../all.patch"]],
      [applied, "git", ["apply", "../all.patch"]],
    ] as const) {
      const options = { cwd: directory, encoding: "utf8", env: cleanEnvironment() } as const;
      const { status, stdout, stderr } = spawnSync(command, args, options);
      assert.equal(status, 0, `${command}: ${stdout}${stderr}`);
      assert.deepEqual(describeFiles(directory), expected, command);
    }
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
}

function randomText(random: () => number): string {
  const end = pick(random, ["\n", "\r\n"]);
  const lines = Array.from(
    { length: below(random, 40) },
    () => `${pick(random, ["a", "b", "", " - c", "@@"])}${end}`,
  );
  return lines.join("") + (random() < 0.3 ? "end" : "");
}

function editedText(random: () => number, text: string): string {
  const lines = text.split("\n");
  for (let i = below(random, 6); i > 0; i--) {
    lines.splice(
      below(random, lines.length + 1),
      below(random, 3),
      ...(random() < 0.6 ? ["new", "lines"] : []),
    );
  }
  return lines.join("\n");
}
