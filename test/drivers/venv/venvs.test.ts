import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { createVenvs } from "../../../src/drivers/venv/venvs.ts";
import { type DatmoError, isDatmoError } from "../../../src/protocol/errors.ts";
import { activateVenv } from "../../../src/services/environments/activate-venv.ts";
import type { Venv, Venvs } from "../../../src/services/ports/venvs.ts";
import { LineChild } from "../../helpers/child-lines.ts";
import { makeIndex } from "../../helpers/wheels.ts";

/* Real venvs from local wheels: nothing is asked of a network. */

let folder: string;
let venvs: Venvs;
let index: Record<string, string>;
const at = (...names: string[]): string => join(folder, ...names);

before(() => {
  folder = mkdtempSync(join(tmpdir(), "datmo-venvs-"));
  index = makeIndex(at("index"), [
    { name: "abacus", version: "1.0", requires: ["beads"] },
    { name: "abacus", version: "2.0" },
    { name: "beads", version: "0.5" },
    { name: "winonly", version: "3.0", tag: "cp311-cp311-win_amd64" },
    { name: "oldpy", version: "1.1", tag: "cp27-cp27m-any" },
    { name: "newpy", version: "1.2", requiresPython: ">=3.99" },
  ]);
  venvs = createVenvs({ variables: variables(), cacheDirectory: at("cache") });
});
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

/** With no index but the test's, and without uv. */
function variables(): Record<string, string | undefined> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((one) => !existsSync(join(one, "uv")));
  return { ...process.env, ...index, PATH: folders.join(delimiter) };
}

function request(files: Record<string, string>, python?: string) {
  const content = new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
  return { files: content, directory: folder, ...(python === undefined ? {} : { python }) };
}

function versionIn(venv: Venv, module: string): string {
  const environment = { ...process.env, ...activateVenv(venv, process.env) };
  const words = ["-c", `import ${module}; print(${module}.version)`];
  return execFileSync("python", words, { env: environment as NodeJS.ProcessEnv, encoding: "utf8" }).trim();
}

async function errorOf(work: Promise<unknown>): Promise<DatmoError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isDatmoError(error), `no error of datmo: ${error}`);
  return error;
}

test("exact packages, and what they need; asked again, nothing is made", async () => {
  const asked = request({ "requirements.txt": "abacus==1.0\n" });
  assert.equal(await venvs.find(asked), undefined);
  const output: string[] = [];
  const first = await venvs.make(asked, { output: (text) => output.push(text) });
  assert.equal(first.made, true);
  assert.match(output.join(""), /abacus/);
  const { packages, python } = first.venv;
  assert.deepEqual(
    packages.python.filter(({ name }) => ["abacus", "beads"].includes(name)),
    [
      { name: "abacus", version: "1.0" },
      { name: "beads", version: "0.5" },
    ],
  );
  assert.match(python?.version ?? "", /^3\.\d+\.\d+$/);
  assert.equal(versionIn(first.venv, "abacus"), "1.0");
  const second = await venvs.make(asked);
  assert.deepEqual([second.made, second.venv], [false, first.venv]);
  assert.deepEqual(await venvs.find(asked), first.venv);
});

test("a recorded set is installed as it was, without what it lacks; another lock is another venv", async () => {
  const { venv } = await venvs.make(request({ "python-packages.txt": "abacus==1.0\n" }));
  const names = venv.packages.python.map(({ name }) => name);
  assert.ok(names.includes("abacus") && !names.includes("beads"), names.join());
  const other = await venvs.make(request({ "python-packages.txt": "abacus==2.0\n" }));
  assert.notEqual(other.venv.key, venv.key);
  assert.equal(versionIn(other.venv, "abacus"), "2.0");
});

test("an environment.yml gives its pip part and says what it leaves out", async () => {
  const text = "dependencies:\n  - numpy=1.26\n  - pip:\n      - abacus==2.0\n";
  const { venv } = await venvs.make(request({ "environment.yml": text }));
  assert.equal(versionIn(venv, "abacus"), "2.0");
  assert.deepEqual(venv.notes, ["Packages of conda are not in the venv: numpy=1.26."]);
  const only = request({ "environment.yml": "dependencies: [numpy=1.26]\n" });
  assert.equal((await errorOf(venvs.make(only))).kind, "LOCK_FILE_INVALID");
});

test("a uv.lock is read, markers and all", async () => {
  const lock = `version = 1
requires-python = ">=3.8"
[[package]]
name = "project"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "abacus" }, { name = "winonly", marker = "sys_platform == 'win32'" }]
[[package]]
name = "abacus"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "beads" }]
[[package]]
name = "beads"
version = "0.5"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "winonly"
version = "3.0"
source = { registry = "https://pypi.org/simple" }
`;
  const { venv } = await venvs.make(request({ "uv.lock": lock }));
  const names = venv.packages.python.map(({ name }) => name);
  assert.ok(names.includes("beads") && !names.includes("winonly"), names.join());
});

test("what cannot be had is named package by package, with the reason; nothing is left", async () => {
  const asked = request({
    "requirements.txt": "abacus==9.9\nbeads==0.5\nnosuch==1.0\nwinonly==3.0\noldpy==1.1\nnewpy==1.2\n",
  });
  const error = await errorOf(venvs.make(asked));
  assert.equal(error.kind, "PACKAGES_UNAVAILABLE");
  const packages = error.details["packages"] as { requirement: string; problem: string; reason: string }[];
  assert.deepEqual(
    packages.map(({ requirement, problem }) => [requirement, problem]),
    [
      ["abacus==9.9", "gone"],
      ["nosuch==1.0", "gone"],
      ["winonly==3.0", "platform"],
      ["oldpy==1.1", "python"],
      ["newpy==1.2", "python"],
    ],
  );
  assert.match(error.message, /abacus==9\.9 \(there is no version 9\.9; there is 2\.0, 1\.0\)/);
  assert.match(packages[4]?.reason ?? "", /it needs Python >=3\.99/);
  assert.equal(await venvs.find(asked), undefined);
  const left = readdirSync(at("cache")).flatMap((key) =>
    readdirSync(at("cache", key)).filter(
      (name) => !existsSync(at("cache", key, "ready.json")) || name.startsWith("claim"),
    ),
  );
  assert.deepEqual(left, []);
});

test("uv makes the same, and names the same packages, where it is there", async (t) => {
  const found = (process.env["PATH"] ?? "").split(delimiter).some((one) => existsSync(join(one, "uv")));
  if (!found) return t.skip("uv is not installed; get it with: pip install uv");
  const own = createVenvs({
    variables: { ...process.env, ...index, UV_CACHE_DIR: at("uv") },
    cacheDirectory: at("uv-venvs"),
  });
  const { venv } = await own.make(request({ "requirements.txt": "abacus==1.0\n" }));
  assert.match(venv.tool, /^uv \d/);
  assert.equal(versionIn(venv, "abacus"), "1.0");
  const error = await errorOf(
    own.make(request({ "requirements.txt": "abacus==9.9\nwinonly==3.0\nnewpy==1.2\n" })),
  );
  const packages = error.details["packages"] as { requirement: string; problem: string }[];
  assert.deepEqual(
    packages.map(({ requirement, problem }) => [requirement, problem]),
    [
      ["abacus==9.9", "gone"],
      ["winonly==3.0", "platform"],
      ["newpy==1.2", "python"],
    ],
  );
});

test("a Python that is not there is an error that says which are", async () => {
  const error = await errorOf(venvs.make(request({ "requirements.txt": "" }, "3.4")));
  assert.equal(error.kind, "PYTHON_NOT_FOUND");
  assert.match(error.message, /no Python 3\.4 .*found: .*3\.\d+/);
});

test("cancelling ends the work and leaves nothing", async () => {
  const stop = new AbortController();
  const asked = request({ "requirements.txt": "abacus==2.0\n# cancelled\n" });
  const work = venvs.make(asked, { signal: stop.signal, progress: () => stop.abort() });
  assert.equal((await errorOf(work)).kind, "CANCELLED");
  assert.equal((await venvs.make(asked)).made, true);
});

test("without R or renv, a renv.lock is an error that says what is missing", async () => {
  const nowhere = createVenvs({
    variables: { ...variables(), PATH: at("nothing") },
    cacheDirectory: at("cache"),
  });
  const error = await errorOf(nowhere.make(request({ "renv.lock": '{"R": {"Version": "4.2.2"}}' })));
  assert.equal(error.kind, "R_NOT_AVAILABLE");
  assert.match(error.message, /there is no Rscript on the PATH/);
  const damaged = await errorOf(venvs.make(request({ "renv.lock": "{" })));
  assert.equal(damaged.kind, "LOCK_FILE_INVALID");
});

test("two processes that ask at once make it once; a killed one is taken over from", async () => {
  const program = join(import.meta.dirname, "../../fixtures/venv/maker.ts");
  const start = (mark: string): LineChild =>
    new LineChild("--import", ["tsx", program, folder, mark, JSON.stringify(index)]);
  const pair = [start("# pair"), start("# pair")];
  await Promise.all(pair.map((child) => child.ended));
  const made = pair.map((child) => child.lines.at(-1)?.split(" ").slice(0, 2));
  assert.deepEqual(made.map((words) => words?.[1]).sort(), ["false", "true"]);
  const killed = start("# killed");
  await killed.until(1);
  await killed.kill();
  const next = start("# killed");
  await next.ended;
  assert.match(next.lines.at(-1) ?? "", /^made true /);
});
