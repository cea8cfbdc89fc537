/* examples/editor as its page shows it, with the built engine. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { DATMO, makePlace, type Place } from "../helpers/datmo-process.ts";

const EDITOR = resolve("examples/editor/editor.mjs");
const ENGINE = [process.execPath, DATMO, "engine", "--stdio"].join(" ");
const execute = promisify(execFile);

test("runs are listed, and one that is started tells of itself", async (t) => {
  const place = await makeProject(t);
  await place.ok("run", "--name", "first", "echo loss: 0.5");
  assert.match(await editor(place, "runs"), /^\w{8} first succeeded \{"loss":0.5\}\n$/);
  const text = await editor(place, "run", "echo loss: 0.25; exit 3");
  for (const line of ["loss: 0.25", "[running]", "[new points of loss]", "[failed]"])
    assert.ok(text.split("\n").includes(line), `${line} is not in ${text}`);
  assert.match(text, /\[.* exited with 3\]\n$/);
});

test("a run of another process is followed to its end", async (t) => {
  const place = await makeProject(t);
  // It goes on when the editor has seen its first line.
  const go = join(place.directory, "..", "go");
  await execute("mkfifo", [go]);
  const run = place.start(["run", "--name", "slow", "echo loss: 0.5; read word < ../go; echo loss: 0.25"]);
  const runEnded = once(run, "close");
  await once(run.stdout, "data");
  const child = spawn(process.execPath, [
    EDITOR,
    "--engine",
    ENGINE,
    "--project",
    place.directory,
    "follow",
    "slow",
  ]);
  const ended = once(child, "close");
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  while (!text.includes("loss: 0.5\n")) await once(child.stdout, "data");
  await writeFile(go, "on\n");
  assert.deepEqual(await ended, [0, null]);
  assert.equal(text, "loss: 0.5\nloss: 0.25\nloss = 0.25 (2 points)\n[succeeded]\n");
  await runEnded;
});

test("an error says what to do", async (t) => {
  const place = await makeProject(t);
  await assert.rejects(editor(place, "follow", "nosuchrun"), /nosuchrun.*datmo run ls/);
  const engine = ["--engine", "/no/such/program"];
  await assert.rejects(execute(process.execPath, [EDITOR, ...engine, "runs"]), /no\/such\/program/);
});

async function makeProject(t: TestContext): Promise<Place> {
  const place = makePlace(t);
  await place.ok("init");
  return place;
}

async function editor(place: Place, ...words: string[]): Promise<string> {
  const options = ["--engine", ENGINE, "--project", place.directory];
  return (await execute(process.execPath, [EDITOR, ...options, ...words])).stdout;
}
