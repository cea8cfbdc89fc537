import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { type DatmoError, isDatmoError } from "../../src/protocol/errors.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";
import { type MemoryContainers, memoryContainers } from "../helpers/memory-containers.ts";

let engine: TestEngine;
let containers: MemoryContainers;
const at = (...names: string[]): string => join(engine.directory, ...names);

beforeEach(async () => {
  containers = memoryContainers();
  engine = await openTestEngine({ containers });
});
afterEach(() => removeTestEngine(engine));

async function write(path: string, content: string): Promise<void> {
  await mkdir(join(at(path), ".."), { recursive: true });
  await writeFile(at(path), content);
}

async function errorOf(work: Promise<unknown>): Promise<DatmoError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isDatmoError(error), `no error of datmo: ${error}`);
  return error;
}

async function activeName(): Promise<string | undefined> {
  return (await engine.call("environment.list", {})).items.find(({ active }) => active)?.name;
}

test("the catalogue can be set up, every choice of it, and each is the environment of its files", async () => {
  const { entries } = await engine.call("environment.catalog", {});
  assert.equal(entries[0]?.framework, "python-base");
  const ids = new Set<string>();
  for (const { framework, variants } of entries) {
    for (const { type, language } of variants) {
      const { environment } = await engine.call("environment.setup", { framework, type, language });
      assert.equal(environment.kind, "docker");
      assert.equal(environment.name, `${framework}:${type}-${language}`);
      assert.equal((await engine.call("environment.create", {})).environment.id, environment.id);
      ids.add(environment.id);
    }
  }
  assert.equal(ids.size, entries.flatMap(({ variants }) => variants).length);
  assert.equal(await activeName(), "conda:cpu-py312");
});

test("what is not in the catalogue is refused with what there is", async () => {
  const error = await errorOf(
    engine.call("environment.setup", { framework: "python-base", language: "py27" }),
  );
  assert.equal(error.kind, "CATALOGUE_UNKNOWN");
  assert.match(error.hint ?? "", /There is: py313/);
});

test("setup does not replace edits that no environment holds, unless forced; nor does it leave other files", async () => {
  await engine.call("environment.setup", { framework: "conda" });
  await write("datmo_environment/environment.yml", "dependencies: [python=3.12]\n");
  const error = await errorOf(engine.call("environment.setup", {}));
  assert.equal(error.kind, "ENVIRONMENT_FOLDER_CHANGED");
  assert.match(error.message, /environment\.yml/);
  await engine.call("environment.setup", { force: true });
  assert.deepEqual((await readdir(at("datmo_environment"))).sort(), ["Dockerfile", "requirements.txt"]);
  await engine.call("environment.setup", { framework: "jax" });
});

test("identity is the content: CRLF and LF, another project and another place give the same id", async () => {
  await write("datmo_environment/Dockerfile", "FROM busybox\r\nCOPY requirements.txt /\r\n");
  await write("datmo_environment/requirements.txt", "numpy==1.0\r\n");
  const one = await engine.call("environment.create", {});
  const other = await openTestEngine({ containers });
  try {
    await mkdir(join(other.directory, "envs/gpu"), { recursive: true });
    await writeFile(join(other.directory, "envs/gpu/Dockerfile"), "FROM busybox\nCOPY requirements.txt /\n");
    await writeFile(join(other.directory, "envs/gpu/requirements.txt"), "numpy==1.0\n");
    const two = await other.call("environment.create", { paths: ["envs/gpu"] });
    assert.equal(two.environment.id, one.environment.id);
    assert.deepEqual([one.source, two.source], ["folder", "paths"]);
  } finally {
    await removeTestEngine(other);
  }
  await write("datmo_environment/requirements.txt", "numpy==1.1\n");
  assert.notEqual((await engine.call("environment.create", {})).environment.id, one.environment.id);
});

test("created twice it is the same one; a new name is applied, and names are unique", async () => {
  await write("Dockerfile", "FROM busybox\n");
  const first = await engine.call("environment.create", { name: "base" });
  const second = await engine.call("environment.create", { name: "box", description: "small" });
  assert.deepEqual([first.created, second.created], [true, false]);
  assert.deepEqual([second.environment.name, second.environment.description], ["box", "small"]);
  const image = engine.call("environment.create", { image: "alpine:3.20", name: "box" });
  assert.equal((await errorOf(image)).kind, "ENVIRONMENT_NAME_TAKEN");
  const reserved = engine.call("environment.update", { id: "box", name: "Host" });
  assert.equal((await errorOf(reserved)).kind, "ENVIRONMENT_NAME_TAKEN");
});

test("the folder wins over the Dockerfile at the root, paths over both", async () => {
  await write("Dockerfile", "FROM root\nCOPY app/settings.ini /\nCOPY . /app\n");
  await write("app/settings.ini", "[a]\n");
  await write("renv.lock", "{}");
  await write("train.py", "import os\n");
  const root = await engine.call("environment.create", {});
  assert.equal(root.source, "dockerfile");
  assert.deepEqual(root.environment.files.map(({ path }) => path).sort(), [
    "Dockerfile",
    "app/settings.ini",
    "renv.lock",
  ]);
  assert.match(root.notes.join(), /copies "\."/);
  await write("datmo_environment/Dockerfile", "FROM folder\n");
  assert.equal((await engine.call("environment.create", {})).source, "folder");
  await write("envs/Dockerfile", "FROM paths\n");
  assert.equal((await engine.call("environment.create", { paths: ["envs"] })).source, "paths");
  const both = engine.call("environment.create", { paths: ["envs"], image: "busybox" });
  assert.equal((await errorOf(both)).kind, "ENVIRONMENT_CONFLICT");
});

test("with no definition anywhere, one is made of what the scripts import", async () => {
  await write("train.py", "import os\n");
  const { environment, source } = await engine.call("environment.create", {});
  assert.equal(source, "requirements");
  const { files } = await engine.call("environment.get", { id: environment.id });
  const dockerfile = files.find(({ path }) => path === "Dockerfile");
  assert.match(dockerfile?.text ?? "", /^FROM python:3\.\d+-slim\n/);
  assert.ok(files.some(({ path }) => path === "requirements.txt"));
});

test("lock files alone are a venv; passwords in addresses are not kept", async () => {
  await write(
    "datmo_environment/requirements.txt",
    "--index-url https://me:s3cr3tTok3n@pypi.example/simple\nnumpy==1.0\n",
  );
  await write("datmo_environment/.env", "SECRET=1\n");
  const { environment, notes } = await engine.call("environment.create", { python: "3.11" });
  assert.deepEqual([environment.kind, environment.python], ["venv", "3.11"]);
  assert.match(notes.join(), /password .* was not kept/);
  const { files } = await engine.call("environment.get", { id: environment.id });
  assert.deepEqual(
    files.map(({ path, text }) => [path, text]),
    [["requirements.txt", "--index-url https://pypi.example/simple\nnumpy==1.0\n"]],
  );
});

test("use chooses, on this machine; the folder counts again when the choice is forgotten", async () => {
  await engine.call("environment.setup", {});
  await engine.call("environment.create", { image: "busybox:1", name: "box" });
  assert.equal(await activeName(), "python-base:cpu-py313");
  const used = await engine.call("environment.use", { id: "box" });
  assert.deepEqual([used.environment.name, used.folderDiffers], ["box", true]);
  assert.equal(await activeName(), "box");
  assert.equal(
    JSON.parse(await readFile(at(".datmo/config.json"), "utf8")).activeEnvironment,
    used.environment.id,
  );
  assert.equal((await engine.call("project.status", {})).environment.name, "box");
  await engine.call("environment.use", { id: "host" });
  assert.equal(await activeName(), "host");
  await engine.call("environment.use", { id: "box" });
  await engine.call("environment.delete", { ids: ["box"] });
  assert.equal(await activeName(), "python-base:cpu-py313");
  await rm(at("datmo_environment"), { recursive: true });
  assert.equal(await activeName(), "host");
});

test("a build is recorded with digests and packages; the second one finds it there", async () => {
  await engine.call("environment.setup", {});
  const first = await engine.call("environment.build", { originId: "c1" });
  assert.equal(first.cached, false);
  assert.equal(first.build?.packageCount, 2);
  assert.match(first.build?.bases[0] ?? "", /^python@sha256:/);
  const [request] = containers.built;
  assert.deepEqual([...(request?.files.keys() ?? [])].sort(), ["Dockerfile", "requirements.txt"]);
  const second = await engine.call("environment.build", {});
  assert.deepEqual([second.cached, second.build], [true, first.build]);
  assert.equal((await engine.call("environment.build", { noCache: true })).cached, false);
  const shown = await engine.call("environment.get", { id: first.environment.id });
  assert.deepEqual(shown.packages, [
    { name: "python:numpy", version: "2.2.6" },
    { name: "apt:libc6", version: "2.36" },
  ]);
  assert.equal(shown.builds.length, 2);
});

test("an image that another project built from the same definition is taken over", async () => {
  await engine.call("environment.setup", {});
  await engine.call("environment.build", {});
  const other = await openTestEngine({ containers });
  try {
    await other.call("environment.setup", {});
    const { cached, build } = await other.call("environment.build", {});
    assert.deepEqual([cached, build?.packageCount], [true, 2]);
  } finally {
    await removeTestEngine(other);
  }
  assert.equal(containers.built.length, 1);
});

test("an image is got by its name, with its digest; deleting the environment leaves it", async () => {
  await engine.call("environment.create", { image: "rocker/r-ver:4.5.2", name: "r" });
  const { build } = await engine.call("environment.build", { id: "r" });
  assert.deepEqual(containers.pulled, ["rocker/r-ver:4.5.2"]);
  assert.match(build?.digests[0] ?? "", /^rocker\/r-ver:4\.5\.2@sha256:/);
  assert.deepEqual((await engine.call("environment.delete", { ids: ["r"], images: true })).images, []);
  assert.ok(containers.images.has("rocker/r-ver:4.5.2"));
});

test("what used the host is counted", async () => {
  const { run } = await engine.call("run.start", { command: ["true"] });
  await engine.call("run.wait", { id: run.id });
  const host = await engine.call("environment.get", { id: "host" });
  assert.equal(host.runCount, 1);
  assert.ok(host.snapshotCount >= 1);
});

test("cancelling a build records nothing; a stopped engine is an error that names the ways out", async () => {
  await engine.call("environment.setup", {});
  const stop = new AbortController();
  const building = engine.call("environment.build", {}, stop.signal);
  setTimeout(() => stop.abort(), 2);
  assert.equal((await errorOf(building)).kind, "CANCELLED");
  assert.equal((await engine.call("environment.list", {})).items[0]?.build, undefined);
  containers.stop(true);
  const error = await errorOf(engine.call("environment.build", {}));
  assert.equal(error.kind, "ENVIRONMENT_NEEDS_ENGINE");
  assert.match(error.hint ?? "", /Start Docker .* -e host/);
});

test("exported, it is a folder with a Dockerfile, and the same environment when created from it", async () => {
  const { environment } = await engine.call("environment.setup", { framework: "data-analytics" });
  await engine.call("environment.build", {});
  const directory = at("out");
  const written = await engine.call("environment.export", { id: environment.id, directory });
  assert.equal(written.files, 3);
  assert.deepEqual((await readdir(directory)).sort(), [
    "Dockerfile",
    "datmo-environment.json",
    "requirements.txt",
  ]);
  const note = JSON.parse(await readFile(join(directory, "datmo-environment.json"), "utf8"));
  assert.equal(note.builds.length, 1);
  assert.equal((await engine.call("environment.create", { paths: ["out"] })).environment.id, environment.id);
  const again = engine.call("environment.export", { id: environment.id, directory });
  assert.equal((await errorOf(again)).kind, "PATH_INVALID");
  await engine.call("environment.create", { image: "busybox:1", name: "box" });
  await engine.call("environment.export", { id: "box", directory: at("box") });
  assert.equal(await readFile(at("box/Dockerfile"), "utf8"), "FROM busybox:1\n");
});

test("pages go on where they ended, and the host comes last", async () => {
  for (const image of ["a:1", "b:1", "c:1"]) await engine.call("environment.create", { image });
  const first = await engine.call("environment.list", { limit: 2 });
  const second = await engine.call("environment.list", { limit: 2, cursor: first.nextCursor ?? "" });
  const names = [...first.items, ...second.items].map(({ name }) => name);
  assert.equal(names.at(-1), "host");
  assert.deepEqual(names.sort(), ["a:1", "b:1", "c:1", "host"]);
  assert.equal(second.nextCursor, undefined);
  assert.equal(
    (await errorOf(engine.call("environment.get", { id: "nosuch" }))).kind,
    "ENVIRONMENT_NOT_FOUND",
  );
});
