import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { HOST_ID } from "../../src/domain/environment-record.ts";
import { type DatmoError, isDatmoError } from "../../src/protocol/errors.ts";
import { buildEnvironment } from "../../src/services/environments/build-environment.ts";
import { createEnvironment } from "../../src/services/environments/create-environment.ts";
import { deleteEnvironments, useEnvironment } from "../../src/services/environments/environment-service.ts";
import { resolveEnvironment } from "../../src/services/environments/resolve.ts";
import { takeSnapshot } from "../../src/services/snapshots/snapshot-taker.ts";
import { type MemoryContainers, memoryContainers } from "../helpers/memory-containers.ts";
import { openTestProject, type TestProject } from "../helpers/open-project.ts";
import { makeIndex } from "../helpers/wheels.ts";

let opened: TestProject;
let containers: MemoryContainers;
const at = (...names: string[]): string => join(opened.project.directory, ...names);
const resolve = (choice: Parameters<typeof resolveEnvironment>[1] = {}) =>
  resolveEnvironment(opened.project, choice);

beforeEach(async () => {
  containers = memoryContainers();
  opened = await openTestProject(containers);
});
afterEach(() => opened.close());

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

test("nothing chosen is the host; a Dockerfile at the root is hinted at once, never used", async () => {
  const first = await resolve();
  assert.deepEqual([first.id, first.kind, first.driver, first.rule], [HOST_ID, "host", "host", "default"]);
  assert.equal(first.hint, undefined);
  await write("Dockerfile", "FROM busybox\n");
  const [hinted, later] = [await resolve(), await resolve()];
  assert.match(hinted.hint ?? "", /-e docker/);
  assert.deepEqual([later.kind, later.hint], ["host", undefined]);
  assert.deepEqual([(await resolve({ environment: "docker" })).kind], ["docker"]);
});

test("asked for > paths > chosen > folder > host, each with its reason", async () => {
  const { project } = opened;
  await write("datmo_environment/Dockerfile", "FROM folder\n");
  await write("envs/Dockerfile", "FROM paths\n");
  await createEnvironment(project, { image: "busybox:1", name: "box" }, {});
  await createEnvironment(project, { image: "alpine:3", name: "alp" }, {});
  const folder = await resolve();
  assert.deepEqual(
    [folder.rule, folder.driver, folder.reason],
    ["folder", "docker", "its files are in datmo_environment/"],
  );
  await useEnvironment(project, { id: "box" });
  const chosen = await resolve();
  assert.deepEqual([chosen.rule, chosen.name], ["chosen", "box"]);
  const paths = await resolve({ environmentPaths: ["envs"] });
  assert.deepEqual([paths.rule, paths.kind], ["paths", "docker"]);
  const asked = await resolve({ environment: "alp" });
  assert.deepEqual([asked.rule, asked.name], ["asked", "alp"]);
  assert.equal((await resolve({ environment: asked.id.slice(0, 6) })).id, asked.id);
  assert.equal((await resolve({ environment: "host" })).kind, "host");
  await useEnvironment(project, {});
  await rm(at("datmo_environment"), { recursive: true });
  assert.equal((await resolve()).rule, "default");
});

test(".datmo/environment counts like datmo_environment", async () => {
  await write(".datmo/environment/requirements.txt", "numpy==1.0\n");
  const { kind, rule, driver, reason } = await resolve();
  assert.deepEqual([kind, rule, driver], ["venv", "folder", "host"]);
  assert.match(reason, /\.datmo\/environment\//);
});

test("what was resolved is kept: the folder may change or go", async () => {
  await write("datmo_environment/Dockerfile", "FROM one\n");
  const { record } = await resolve();
  await write("datmo_environment/Dockerfile", "FROM two\n");
  assert.ok(record);
  await buildEnvironment(opened.project, record);
  assert.equal(containers.built[0]?.files.get("Dockerfile")?.toString(), "FROM one\n");
});

test("what does not go together is an error that names both ways", async () => {
  await write("datmo_environment/Dockerfile", "FROM busybox\n");
  const onHost = await errorOf(resolve({ driver: "host" }));
  assert.equal(onHost.kind, "ENVIRONMENT_NEEDS_CONTAINER");
  assert.match(`${onHost.message} ${onHost.hint}`, /datmo_environment.*Leave --on host out.*-e host/s);
  const inDocker = await errorOf(resolve({ environment: "host", driver: "docker" }));
  assert.equal(inDocker.kind, "ENVIRONMENT_NOT_CONTAINER");
  const two = await errorOf(resolve({ environment: "host", environmentPaths: ["x"] }));
  assert.equal(two.kind, "ENVIRONMENT_CONFLICT");
  assert.equal((await errorOf(resolve({ environment: "nosuch" }))).kind, "ENVIRONMENT_NOT_FOUND");
  assert.equal((await errorOf(resolve({ environmentPaths: ["nosuch"] }))).kind, "PATH_NOT_FOUND");
  assert.equal((await errorOf(resolve({ environment: "captured" }))).kind, "ENVIRONMENT_INVALID");
  containers.stop(true);
  const stopped = await errorOf(resolve());
  assert.equal(stopped.kind, "ENVIRONMENT_NEEDS_ENGINE");
  assert.match(`${stopped.message} ${stopped.hint}`, /its files are in.*Start Docker.*-e host/s);
  await rm(at("datmo_environment"), { recursive: true });
  await write("datmo_environment/notes.md", "hello\n");
  assert.equal((await errorOf(resolve())).kind, "ENVIRONMENT_INVALID");
});

test("captured is a venv of exactly what was installed", async () => {
  const { project } = opened;
  await write("train.py", "print(1)\n");
  const { id } = await takeSnapshot(project, { message: "", visible: true, config: {}, metrics: {} });
  const resolved = await resolve({ environment: "captured", capturedSnapshotId: id });
  assert.equal(resolved.kind, "venv");
  const tree = await project.snapshots.listTree(String(resolved.record?.fields["filesTree"]));
  assert.deepEqual(
    tree.map(({ path }) => path),
    ["python-packages.txt"],
  );
});

test("a venv is built from what is kept, and its packages are recorded", async () => {
  const variables = { ...process.env, ...makeIndex(at("index"), [{ name: "abacus", version: "1.0" }]) };
  const own = await openTestProject(containers, variables);
  try {
    const { project } = own;
    await mkdir(join(project.directory, "datmo_environment"));
    await writeFile(join(project.directory, "datmo_environment/requirements.txt"), "abacus==1.0\n");
    const { record } = await resolveEnvironment(project, {});
    assert.ok(record);
    const built = await buildEnvironment(project, record);
    assert.deepEqual([built.cached, built.venv?.directory !== undefined], [false, true]);
    assert.ok(
      built.build.packages["python"]?.some(([name, version]) => name === "abacus" && version === "1.0"),
    );
    assert.equal((await buildEnvironment(project, record)).cached, true);
  } finally {
    await own.close();
  }
});

test("an environment that a run used is not deleted unless forced", async () => {
  const { project } = opened;
  await createEnvironment(project, { image: "busybox:1", name: "box" }, {});
  const { record } = await resolve({ environment: "box" });
  const environmentId = record?.id ?? "";
  await project.records.commit([{ kind: "run", id: "k3vq7m2xw5hd4tz6bnrjc7ya2e", set: { environmentId } }]);
  const refused = await errorOf(deleteEnvironments(project, { ids: ["box"] }));
  assert.equal(refused.kind, "ENVIRONMENT_IN_USE");
  assert.deepEqual((await deleteEnvironments(project, { ids: ["box"], force: true })).ids, [environmentId]);
});
