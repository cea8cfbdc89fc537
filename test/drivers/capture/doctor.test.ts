import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findTools } from "../../../src/drivers/capture/doctor.ts";
import type { ToolFact } from "../../../src/services/ports/capture.ts";
import { fakeDistribution, temporaryFolder, writeFiles, writeScript } from "./fixtures.ts";

const NAMES = [
  "Node.js",
  "git",
  "git-lfs",
  "Docker",
  "NVIDIA GPU",
  "Python",
  "R",
  "Slurm",
  "Deno",
  "Jupyter",
];

async function tools(environment: Record<string, string | undefined>): Promise<Record<string, ToolFact>> {
  return Object.fromEntries((await findTools(environment)).map((tool) => [tool.name, tool]));
}

function listen(t: TestContext, socket: string, answer: string | undefined): Promise<Server> {
  const server = createServer((_, response) => {
    if (answer !== undefined) response.end(answer);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) => server.listen(socket, () => resolve(server)));
}

test("says for every tool whether it is there, or else how to get it", async (t) => {
  const found = await findTools({ ...process.env });
  assert.deepEqual(
    found.map(({ name }) => name),
    NAMES,
  );
  for (const tool of found) {
    assert.equal(tool.howToGet === undefined, tool.found, tool.name);
    if (tool.found) assert.equal(tool.problem, undefined, tool.name);
    t.diagnostic(`${tool.name}: ${tool.found ? tool.version : (tool.problem ?? "missing")}`);
  }
  assert.equal(found[0]?.version, process.versions.node);
});

test("finds nothing but Node where there is nothing", async (t) => {
  const root = temporaryFolder(t);
  const found = await tools({ PATH: root, HOME: root, DOCKER_HOST: `unix://${root}/none.sock` });
  const here = Object.values(found).filter((tool) => tool.found);
  assert.deepEqual(
    here.map(({ name }) => name).filter((name) => name !== "NVIDIA GPU"),
    ["Node.js"],
  );
});

test("reads versions of programs, and says what is wrong with those that fail or hang", async (t) => {
  const root = temporaryFolder(t);
  const bin = join(root, "bin");
  writeScript(join(bin, "git"), "#!/bin/sh\necho git version 2.45.1\n");
  writeScript(join(bin, "git-lfs"), "#!/bin/sh\necho 'git-lfs/3.5.1 (GitHub; linux amd64; go 1.21.8)'\n");
  writeScript(join(bin, "sbatch"), "#!/bin/sh\nexit 7\n");
  writeScript(join(bin, "python3"), "#!/bin/sh\nsleep 300\n");
  writeScript(join(root, ".deno/bin/deno"), "#!/bin/sh\necho 'deno 2.1.4 (stable)'\n");
  writeScript(join(bin, "apt-get"), "#!/bin/sh\n");
  const found = await tools({ PATH: `${bin}:/bin`, HOME: root, VIRTUAL_ENV: undefined });
  assert.equal(found["git"]?.version, "2.45.1");
  assert.equal(found["git-lfs"]?.version, "3.5.1");
  assert.deepEqual(found["Slurm"], {
    name: "Slurm",
    found: false,
    path: join(bin, "sbatch"),
    problem: "`sbatch --version` ended with code 7",
    howToGet: "sudo apt-get install slurm-client",
  });
  assert.equal(found["Deno"]?.version, "2.1.4");
  assert.equal(found["Deno"]?.path, join(root, ".deno/bin/deno"));
  assert.equal(found["Python"]?.found, false);
  assert.match(found["Python"]?.problem ?? "", /within 2 s/);
});

test("Docker is there when its engine answers, not when its program is", async (t) => {
  const root = temporaryFolder(t);
  writeScript(join(root, "docker"), "#!/bin/sh\necho Cannot connect >&2\nexit 1\n");
  const docker = async (host: string): Promise<ToolFact | undefined> =>
    (await tools({ PATH: `${root}:/bin`, HOME: root, DOCKER_HOST: host }))["Docker"];
  const socket = (name: string): string => join(root, name);
  await listen(t, socket("good.sock"), JSON.stringify({ Version: "27.1.1" }));
  await listen(t, socket("silent.sock"), undefined);
  await listen(t, socket("other.sock"), "hello");
  assert.deepEqual(await docker(`unix://${socket("good.sock")}`), {
    name: "Docker",
    found: true,
    version: "27.1.1",
    path: socket("good.sock"),
  });
  const problems = ["silent.sock", "other.sock", "none.sock"].map(async (name) => {
    const tool = await docker(`unix://${socket(name)}`);
    assert.equal(tool?.found, false);
    assert.match(tool?.howToGet ?? "", /start its engine/);
    return tool?.problem;
  });
  assert.deepEqual(await Promise.all(problems), [
    `no answer on ${socket("silent.sock")} within 2 s`,
    `what answers on ${socket("other.sock")} is no Docker engine`,
    `no engine answers on ${socket("none.sock")} (ENOENT)`,
  ]);
  const remote = await docker("tcp://192.0.2.1:2376");
  assert.equal(remote?.problem, "docker is installed, but no engine answers at tcp://192.0.2.1:2376");
});

test("knows Jupyter by the packages of the same Python", async (t) => {
  const root = temporaryFolder(t);
  const site = join(root, "site");
  fakeDistribution(site, "jupyterlab", "4.2.0", ["jupyterlab/__init__.py"]);
  fakeDistribution(site, "jupyter-core", "5.0", ["jupyter_core/__init__.py"]);
  writeFiles(root, {});
  const answer = `version=3.12.1\\0executable=${root}/bin/python3\\0path=${site}\\0site=${site}`;
  const mark = "\\001datmo-python\\001";
  writeScript(join(root, "bin/python3"), `#!/bin/sh\nprintf '${mark}${answer}${mark}'\n`);
  const found = await tools({ PATH: `${root}/bin:/bin`, HOME: root });
  assert.equal(found["Python"]?.version, "3.12.1");
  assert.equal(found["Jupyter"]?.version, "jupyterlab 4.2.0");
});
