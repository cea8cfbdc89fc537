import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makePlace } from "../helpers/datmo-process.ts";
import { onTerminal } from "../helpers/terminal.ts";

test("init asks, with what is there as the default", async (t) => {
  const place = makePlace(t);
  await onTerminal(
    place,
    ["init"],
    [
      ["Name of the project [digits]: ", "\n"],
      ["What is it about: ", "ten of them\n"],
      ["[y/N]: ", "\n"],
    ],
  );
  const first = (await place.json("project.create", "init")).project;
  assert.deepEqual([first.name, first.description], ["digits", "ten of them"]);
  await onTerminal(
    place,
    ["init"],
    [
      ["[digits]: ", "numbers\n"],
      ["[ten of them]: ", "\u0004"],
    ],
  );
  const second = (await place.json("project.create", "init")).project;
  assert.deepEqual([second.id, second.name, second.description], [first.id, "numbers", "ten of them"]);
});

test("Ctrl-C at a question changes nothing", async (t) => {
  const place = makePlace(t);
  const { code } = await onTerminal(place, ["init"], [["Name", "\u0003"]]);
  assert.equal(code, 130);
  assert.equal(existsSync(join(place.directory, ".datmo")), false);
});

test("cleanup removes only after a yes", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  place.write("mine.txt", "mine");
  for (const answer of ["n\n", "\n", "\u0004"]) {
    assert.equal((await onTerminal(place, ["cleanup"], [["[y/N]: ", answer]])).code, 4);
    assert.ok(existsSync(join(place.directory, ".datmo")));
  }
  assert.equal((await onTerminal(place, ["cleanup"], [["[y/N]: ", "yes\n"]])).code, 0);
  assert.equal(existsSync(join(place.directory, ".datmo")), false);
  assert.equal(place.read("mine.txt"), "mine");
});

test("Ctrl-C once asks the command to end, twice kills it", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const once = await onTerminal(
    place,
    ["run", "--name", "once", "echo begun; sleep 60"],
    [["begun", "\u0003"]],
  );
  assert.equal(once.code, 130);
  assert.match(once.shown, /Stopping; press Ctrl-C again to kill it\./);
  const deaf = "trap 'echo no' INT TERM; echo begun; while :; do sleep 0.1; done";
  const twice = await onTerminal(
    place,
    ["run", "--name", "twice", deaf],
    [
      ["begun", "\u0003"],
      ["again to kill", "\u0003"],
    ],
  );
  assert.equal(twice.code, 130);
  assert.equal((await place.json("run.get", "run", "show", "twice")).run.status, "stopped");
});

test("an interactive command has the terminal, Ctrl-C included", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  const script =
    'trap \'echo caught\' INT; echo ready; read word; echo "got $word"; read word; echo "got $word"; exit 5';
  const { code, shown } = await onTerminal(
    place,
    ["run", "-i", "sh", "-c", script],
    [
      ["ready", "hello\n"],
      ["got hello", "\u0003"],
      ["caught", "again\n"],
    ],
  );
  assert.match(shown, /got hello[\s\S]*caught/);
  assert.equal(code, 5);
});

test("tables fit the terminal", async (t) => {
  const place = makePlace(t);
  await place.ok("init", "--force");
  await place.ok("run", "-c", `long="${"x".repeat(200)}"`, "-c", "lr=0.1", "echo accuracy: 0.5");
  for (const columns of [60, 80, 120]) {
    const { shown } = await onTerminal(place, ["ls"], [], columns);
    const lines = shown.trimEnd().split("\n");
    assert.equal(lines.length, 2, shown);
    assert.ok(
      lines.every((line) => line.length <= columns),
      shown,
    );
  }
});
