import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makePlace } from "../helpers/datmo-process.ts";
import { Transcript } from "../helpers/golden.ts";

test("snapshots, as a user sees them", async (t) => {
  const place = makePlace(t);
  const shown = new Transcript(place);
  place.write("train.py", "print('one')\n");
  place.write("config.json", '{"depth": 3, "net": {"width": 64}}');
  place.write("metrics.json", '{"accuracy": 0.91, "loss": 0}');
  place.write(".datmoignore", "scratch/\n");
  place.write("scratch/notes.txt", "mine\n");
  await place.ok("init", "--force");

  await shown.datmo(["snapshot", "ls"]);
  await shown.datmo(["snapshot", "create", "-m", "first try"]);
  const first = (await place.json("snapshot.list", "snapshot", "ls")).items[0]?.id ?? "";
  shown.name("first", first);
  await shown.datmo(["snapshot", "create", "-m", "first try again"]);
  await shown.datmo(["snapshot", "ls"]);

  place.write("train.py", "print('two')\n");
  place.write("extra.py", "pass\n");
  place.write("out/model.bin", "weights");
  await shown.datmo(["status"]);
  await shown.datmo(["snapshot", "ls", "--columns", "id,current,label,message"]);
  await shown.datmo(["snapshot", "checkout", first]);
  await shown.datmo(
    [
      "snapshot",
      "create",
      "-m",
      "second try",
      "-l",
      "best",
      "-c",
      "depth:4",
      "-s",
      "accuracy:0.95",
      "--path",
      "model.bin>final.bin",
    ],
    { directory: join(place.directory, "out") },
  );
  const second = (await place.json("snapshot.list", "snapshot", "ls")).items[0]?.id ?? "";
  shown.name("second", second);
  await shown.datmo(["snapshot", "inspect", "best"]);
  await shown.datmo(["snapshot", "diff", first, "best"]);
  await shown.datmo(["snapshot", "diff", first, "best", "--stat"]);
  await shown.datmo(["snapshot", "diff", first, "best", "train.py"]);
  await shown.datmo(["snapshot", "checkout", first]);
  assert.equal(place.read("train.py"), "print('one')\n");
  assert.equal(existsSync(join(place.directory, "extra.py")), false);
  assert.equal(place.read("scratch/notes.txt"), "mine\n");
  await shown.datmo(["status"]);

  place.write("train.py", "print('unsaved')\n");
  await shown.datmo(["snapshot", "checkout", "best", "--force"]);
  assert.equal(place.read("extra.py"), "pass\n");
  const everything = (await place.json("snapshot.list", "snapshot", "ls", "--all")).items;
  everything.filter(({ visible }) => !visible).forEach(({ id }, at) => void shown.name(`auto${at}`, id));
  await shown.datmo(["snapshot", "update", "best", "--label", "final", "-c", "depth:5", "-s", "f1:0.9"]);
  await shown.datmo([
    "snapshot",
    "ls",
    "--format",
    "csv",
    "--columns",
    "label,message,config.depth,config.net.width,metrics.f1",
  ]);
  await shown.datmo(["snapshot", "export", "final", "copy"], { directory: join(place.directory, "scratch") });
  assert.deepEqual(readdirSync(join(place.directory, "scratch/copy")).length > 0, true);
  await shown.datmo(["snapshot", "delete", first]);
  await shown.datmo(["snapshot", "inspect", first]);
  shown.check("snapshots.txt");
});

test("a finished run becomes a snapshot of the user's with its metrics", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  await place.ok("run", "--name", "r", "echo accuracy: 0.45");
  assert.deepEqual((await place.json("snapshot.list", "snapshot", "ls")).items, []);
  const hidden = (await place.json("snapshot.list", "snapshot", "ls", "--all")).items;
  assert.ok(hidden.length > 0);
  const { snapshot } = await place.json(
    "snapshot.create",
    "snapshot",
    "create",
    "-m",
    "best",
    "--run-id",
    "r",
    "-l",
    "best",
  );
  assert.deepEqual([snapshot.visible, snapshot.metrics], [true, { accuracy: 0.45 }]);
  const refused = await place.datmo(["snapshot", "create", "-m", "x", "--run-id", "r", "--paths", "f"]);
  assert.equal(refused.code, 2);
});
