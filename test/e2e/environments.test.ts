import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makePlace } from "../helpers/datmo-process.ts";
import { Transcript } from "../helpers/golden.ts";
import { onTerminal } from "../helpers/terminal.ts";
import { makeIndex } from "../helpers/wheels.ts";

/** An engine that is not there, wherever the tests run. */
const NO_DOCKER = { DOCKER_HOST: "unix:///nowhere/docker.sock" };

test("environments, as a user sees them", async (t) => {
  const place = makePlace(t);
  const shown = new Transcript(place);
  await place.ok("init", "--force");

  await shown.datmo(["environment", "ls", "--columns", "id,active,name,kind,description"]);
  await shown.datmo(["environment", "setup"]);
  await shown.datmo(["environment", "setup", "--framework", "pytorch", "--environment-type", "gpu"]);
  await shown.datmo(["environment", "setup", "--framework", "pytorh"]);
  await shown.datmo(["environment", "setup", "--language", "py27"]);
  place.write("datmo_environment/requirements.txt", "numpy==2.2.6\n");
  await shown.datmo(["environment", "setup", "--framework", "jax"]);
  await shown.datmo(["environment", "create", "--name", "mine", "--description", "with numpy"]);
  await shown.datmo(["environment", "create"]);
  await shown.datmo(["environment", "create", "--image", "rocker/r-ver:4.5.2", "-n", "r"]);
  await shown.datmo(["environment", "ls", "--columns", "active,name,kind,image,description"]);
  await shown.datmo(["environment", "use", "r"]);
  await shown.datmo(["environment", "use", "nosuch"]);
  await shown.datmo(["environment", "use"]);
  await shown.datmo(["status"]);
  await shown.datmo(["environment", "build", "r"], { variables: NO_DOCKER });
  await shown.datmo(["environment", "use", "host"]);
  await shown.datmo(["environment", "build"]);
  await shown.datmo(["environment", "use", "--clear"]);
  await shown.datmo(["environment", "show", "--text"]);
  await shown.datmo(["environment", "update", "r", "--name", "mine"]);
  await shown.datmo(["environment", "update", "r", "--name", "rocker"]);
  await shown.datmo(["environment", "export", "rocker", "out"]);
  await shown.datmo(["environment", "export", "rocker", "out"]);
  await shown.datmo(["environment", "delete", "rocker"]);
  await shown.datmo(["environment", "delete", "rocker"]);
  shown.check("environments.txt");
});

test("a venv is built, shown and taken from the cache by another project", async (t) => {
  const [place, other] = [makePlace(t), makePlace(t, "other")];
  const index = makeIndex(join(place.directory, "..", "index"), [{ name: "abacus", version: "1.0" }]);
  const variables = { ...index, XDG_CACHE_HOME: join(place.directory, "..", "cache") };
  for (const one of [place, other]) {
    await one.ok("init", "--force");
    one.write("datmo_environment/requirements.txt", "abacus==1.0\n");
  }
  const first = await place.datmo(["environment", "build"], { variables });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^venv-\w{6}: venv [0-9a-f]{12}, .* Python 3\.\d+\.\d+, \d+ packages?\n$/);
  assert.match(first.stderr, /abacus/);
  const second = await other.datmo(["environment", "build", "--json"], { variables });
  assert.equal(JSON.parse(second.stdout).cached, true);
  assert.match(await place.ok("environment", "show", "--packages"), /python:abacus 1\.0/);
  place.write("datmo_environment/requirements.txt", "abacus==3.0\n");
  const gone = await place.datmo(["environment", "build"], { variables });
  assert.equal(gone.code, 5);
  assert.match(gone.stderr, /abacus==3\.0 \(there is no version 3\.0/);
});

test("setup asks on a terminal; Enter takes the default, and so does the end of input", async (t) => {
  const place = makePlace(t);
  await onTerminal(
    place,
    ["init"],
    [
      ["Name of the project [digits]: ", "\n"],
      ["What is it about: ", "\n"],
      ["[y/N]: ", "y\n"],
      ["[cpu]: ", "\n"],
      ["[python-base]: ", "data\n"],
      ["[py313]: ", "nosuch\n"],
      ["[py313]: ", "\u0004"],
    ],
  );
  assert.match(place.read("datmo_environment/Dockerfile"), /^FROM python:3\.13-slim-bookworm\n/);
  assert.match(await place.ok("environment", "ls"), /\(active\) +data-analytics:cpu-py313/);
  const { code } = await onTerminal(place, ["environment", "setup"], [["[cpu]: ", "\u0003"]]);
  assert.equal(code, 130);
  await place.ok("environment", "setup", "-f");
  assert.ok(existsSync(join(place.directory, "datmo_environment/requirements.txt")));
});
