import assert from "node:assert/strict";
import { rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createCapture } from "../../../src/drivers/capture/capture.ts";
import type { EnvironmentFacts } from "../../../src/services/ports/capture.ts";
import { laterClock, temporaryFolder, writeFiles, writeScript } from "./fixtures.ts";

function packageFile(name: string, version: string, more: object = {}): Record<string, string> {
  const facts = { build: "py311_0", channel: "https://conda.anaconda.org/conda-forge/linux-64", ...more };
  return {
    [`conda-meta/${name}-${version}-py311_0.json`]: JSON.stringify({
      files: ["a", "b"],
      name,
      version,
      ...facts,
    }),
  };
}

function condaOf(project: string, environment: Record<string, string>): Promise<EnvironmentFacts["conda"]> {
  const cacheDirectory = join(project, ".datmo");
  const capture = createCapture({ projectDirectory: project, cacheDirectory, environment, now: laterClock });
  return capture.environment().then((facts) => facts.conda);
}

test("describes the packages of the active conda environment from its files, of any language", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, {
    ...packageFile("numpy", "1.26.4", { build: "py311h64a7726_0" }),
    ...packageFile("r-base", "4.3.1", { channel: "https://conda.anaconda.org/t/to-ken/private/linux-64" }),
    ...packageFile("cudatoolkit", "11.8", { channel: "https://me:pw@conda.example.org/x/linux-64" }),
    ...packageFile("bare", "1", { build: undefined, channel: undefined }),
    "conda-meta/history": "==> 2024",
    "conda-meta/broken-name-2.0-h1_3.json": "{not json",
    "conda-meta/nonsense.json": "[]",
  });
  writeScript(join(root, "bin/conda"), "#!/bin/sh\ntouch started\n");
  const project = join(root, "project");
  writeFiles(project, { "a.R": "1" });
  const facts = await condaOf(project, { CONDA_PREFIX: root, PATH: join(root, "bin") });
  assert.deepEqual(facts, {
    prefix: root,
    packages: [
      { name: "bare", version: "1" },
      { name: "broken-name", version: "2.0", build: "h1_3" },
      {
        name: "cudatoolkit",
        version: "11.8",
        build: "py311_0",
        channel: "https://conda.example.org/x/linux-64",
      },
      { name: "numpy", version: "1.26.4", build: "py311h64a7726_0", channel: "conda-forge/linux-64" },
      { name: "r-base", version: "4.3.1", build: "py311_0", channel: "private/linux-64" },
    ],
  });
});

test("sees what conda installs, updates and removes, and reads nothing again otherwise", async (t) => {
  const root = temporaryFolder(t);
  const project = join(root, "project");
  writeFiles(project, { "a.py": "" });
  const prefix = join(root, "env");
  const names = async (): Promise<string[] | undefined> =>
    (await condaOf(project, { CONDA_PREFIX: prefix }))?.packages.map((it) => `${it.name} ${it.version}`);
  assert.equal(await names(), undefined);
  writeFiles(prefix, packageFile("one", "1"));
  assert.deepEqual(await names(), ["one 1"]);
  const folder = join(prefix, "conda-meta");
  const { atime, mtime } = statSync(folder);
  assert.deepEqual(await names(), ["one 1"]);
  writeFiles(prefix, packageFile("two", "2"));
  assert.deepEqual(await names(), ["one 1", "two 2"]);
  utimesSync(folder, atime, mtime);
  rmSync(join(folder, "one-1-py311_0.json"));
  writeFiles(prefix, packageFile("one", "1.1"));
  assert.deepEqual(await names(), ["one 1.1", "two 2"]);
});

test("prefers the environment of the interpreter in use, and is absent where there is none", async (t) => {
  const root = temporaryFolder(t);
  const project = join(root, "project");
  writeFiles(project, { "a.py": "" });
  writeFiles(join(root, "own"), packageFile("own", "1"));
  writeFiles(join(root, "active"), packageFile("active", "1"));
  writeScript(join(root, "own/bin/python"), "#!/bin/sh\nexit 1\n");
  const environment = { CONDA_PREFIX: join(root, "active"), PATH: "" };
  const capture = createCapture({ projectDirectory: project, environment, now: laterClock });
  const own = await capture.environment({ pythonExecutable: join(root, "own/bin/python") });
  assert.equal(own.conda?.packages[0]?.name, "own");
  assert.equal((await capture.environment()).conda?.packages[0]?.name, "active");
  assert.equal((await condaOf(project, { PATH: "" }))?.prefix, undefined);
});
