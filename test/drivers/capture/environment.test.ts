import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { createCapture } from "../../../src/drivers/capture/capture.ts";
import type { Capture, EnvironmentFacts } from "../../../src/services/ports/capture.ts";
import { fakeDistribution, laterClock, temporaryFolder, writeFiles, writeScript } from "./fixtures.ts";

type Python = NonNullable<EnvironmentFacts["python"]>;

interface Place {
  readonly root: string;
  readonly project: string;
  readonly site: string;
  readonly variables: Record<string, string>;
  /** How often Python was started. */
  starts(): number;
  capture(more?: { now?: () => number; timeoutMs?: number }): Capture;
}

/** A project with a real virtual environment whose interpreter counts its starts. */
function makePlace(t: TestContext): Place {
  const root = temporaryFolder(t);
  const project = join(root, "project");
  mkdirSync(join(project, ".datmo"), { recursive: true });
  const venv = join(root, "venv");
  const site = makeEnvironment(venv);
  const python = writeScript(
    join(root, "counting", "python3"),
    `#!/bin/sh\necho x >> ${root}/starts\nexec ${venv}/bin/python "$@"\n`,
  );
  const variables = { PATH: `${join(root, "counting")}:/usr/bin:/bin`, HOME: root };
  assert.ok(python);
  return {
    root,
    project,
    site,
    variables,
    starts: () =>
      existsSync(join(root, "starts")) ? readFileSync(join(root, "starts"), "utf8").length / 2 : 0,
    capture: (more = {}) =>
      createCapture({
        projectDirectory: project,
        cacheDirectory: join(project, ".datmo", "cache"),
        environment: variables,
        now: laterClock,
        timeoutMs: 30_000,
        ...more,
      }),
  };
}

let base: { readonly executable: string; readonly version: string } | undefined;

/** A virtual environment as `python3 -m venv` makes it, in a fraction of the time; returns its site-packages. */
function makeEnvironment(folder: string): string {
  if (base === undefined) {
    const script = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
    const asked = spawnSync("python3", ["-I", "-c", script], { encoding: "utf8" });
    assert.equal(asked.status, 0, asked.stderr);
    const [executable = "", version = ""] = asked.stdout.split("\n");
    base = { executable, version };
  }
  const site = join(folder, "lib", `python${base.version}`, "site-packages");
  mkdirSync(site, { recursive: true });
  mkdirSync(join(folder, "bin"));
  symlinkSync(base.executable, join(folder, "bin", "python"));
  writeFiles(folder, {
    "pyvenv.cfg": `home = ${dirname(base.executable)}\ninclude-system-site-packages = false\n`,
  });
  return site;
}

async function pythonOf(capture: Capture, hints = {}): Promise<Python> {
  const { python } = await capture.environment(hints);
  assert.ok(python);
  return python;
}

test("describes the interpreter, its packages and what the project needs", async (t) => {
  const place = makePlace(t);
  fakeDistribution(place.site, "pillow", "10.1", ["PIL/__init__.py"]);
  fakeDistribution(place.site, "scikit-learn", "1.5", ["sklearn/__init__.py"]);
  fakeDistribution(place.site, "unused", "1", ["unused.py"]);
  fakeDistribution(place.site, "datasets", "2", ["datasets/__init__.py"]);
  fakeDistribution(place.site, "from-git", "1", ["from_git.py"], {
    "direct_url.json": JSON.stringify({ url: "https://h/x", vcs_info: { vcs: "git", commit_id: "c0" } }),
  });
  fakeDistribution(place.site, "google-cloud-storage", "3", ["google/cloud/storage/__init__.py"]);
  writeFiles(place.site, { "copied_here.py": "" });
  writeFiles(place.project, {
    "train.py":
      "import os, json\nfrom PIL import Image\nimport helpers, local_pkg.x, from_git, copied_here, datasets\n",
    "helpers.py":
      "import cv2, yaml\nfrom google.cloud import storage, bigquery\nimport notebook_only.nothing",
    "local_pkg/__init__.py":
      "import sklearn.svm\ntry:\n    import uninstalled_thing\nexcept ImportError: pass\n",
    "local_pkg/inner.py": "import sibling, elsewhere",
    "local_pkg/sibling.py": "",
    "other/place/elsewhere.py": "",
    "src/in_src/__init__.py": "",
    "scripts/run.py": "import in_src, helpers, plain_folder.mod",
    "plain_folder/mod.py": "",
    "datasets/build.py": "",
    "explore.ipynb": JSON.stringify({ cells: [{ cell_type: "code", source: "import bs4" }] }),
  });
  const python = await pythonOf(place.capture());
  assert.equal(
    python.requirements,
    [
      "datasets==2",
      "from-git @ git+https://h/x@c0",
      "google-cloud-storage==3",
      "pillow==10.1",
      "scikit-learn==1.5",
      "# no package: copied_here",
      "# not installed: PyYAML",
      "# not installed: beautifulsoup4",
      "# not installed: google-cloud-bigquery",
      "# not installed: notebook_only",
      "# not installed: opencv-python",
      "# not installed: uninstalled_thing",
      "",
    ].join("\n"),
  );
  assert.match(python.version, /^3\.\d+\.\d+/);
  assert.equal(python.executable, join(place.root, "venv/bin/python"));
  assert.deepEqual(
    python.packages.map(({ name, version }) => `${name} ${version}`),
    ["datasets 2", "from-git 1", "google-cloud-storage 3", "pillow 10.1", "scikit-learn 1.5", "unused 1"],
  );
  assert.equal(python.packages[1]?.source, "git+https://h/x@c0");
});

test("starts Python once as long as nothing changes, in one process or several, with equal answers", async (t) => {
  const place = makePlace(t);
  fakeDistribution(place.site, "one", "1", ["one.py"]);
  writeFiles(place.project, { "a.py": "import one, two" });
  const capture = place.capture();
  const first = await pythonOf(capture);
  assert.deepEqual(await pythonOf(capture), first);
  assert.deepEqual(await pythonOf(place.capture()), first);
  assert.equal(place.starts(), 1);
});

test("notices installed, updated, removed packages and changed imports", async (t) => {
  const place = makePlace(t);
  writeFiles(place.project, { "a.py": "import one" });
  const requirements = async (): Promise<string> => (await pythonOf(place.capture())).requirements;
  assert.equal(await requirements(), "# not installed: one\n");
  fakeDistribution(place.site, "one", "1", ["one.py"]);
  assert.equal(await requirements(), "one==1\n");
  rmSync(join(place.site, "one-1.dist-info"), { recursive: true });
  fakeDistribution(place.site, "one", "2", ["one.py"]);
  assert.equal(await requirements(), "one==2\n");
  writeFiles(place.project, { "a.py": "import json" });
  assert.equal(await requirements(), "");
});

test("follows paths that .pth files add, and packages installed in place", async (t) => {
  const place = makePlace(t);
  const source = join(place.root, "mylib");
  writeFiles(source, {
    "mylib_module/__init__.py": "",
    "mylib.egg-info/PKG-INFO": "Name: mylib\nVersion: 0.1\n",
    "mylib.egg-info/top_level.txt": "mylib_module\n",
  });
  writeFiles(place.project, { "a.py": "import mylib_module" });
  const capture = place.capture();
  assert.equal((await pythonOf(capture)).requirements, "# not installed: mylib_module\n");
  writeFiles(place.site, { "mylib.pth": `${source}\n` });
  const python = await pythonOf(capture);
  assert.equal(python.requirements, "# installed in place: mylib==0.1\n");
  assert.deepEqual(python.packages, [{ name: "mylib", version: "0.1", source, editable: true }]);
  const starts = place.starts();
  writeFiles(source, { "mylib.egg-info/PKG-INFO": "Name: mylib\nVersion: 0.2\n" });
  assert.equal((await pythonOf(capture)).packages[0]?.version, "0.2");
  assert.equal(place.starts(), starts, "metadata beside sources are read without starting Python");
});

test("modules of the project cannot stand in for what the probe of Python uses, nor start-up output confuse it", async (t) => {
  const place = makePlace(t);
  writeFiles(place.project, {
    "os.py": "raise SystemExit('hijacked')",
    "site.py": "raise SystemExit('hijacked')",
    "json.py": "raise SystemExit('hijacked')",
  });
  writeFiles(place.site, { "noise.pth": "import sys; sys.stdout.write('noise\\n')\n" });
  assert.match((await pythonOf(place.capture())).version, /^3\./);
});

test("for a tree seen before the sources are not looked at; for another one they are", async (t) => {
  const place = makePlace(t);
  writeFiles(place.project, { "a.py": "import one" });
  const hours = (count: number) => () => Date.now() + count * 3_600_000;
  const of = async (codeTree: string | undefined, now = hours(1)): Promise<string> =>
    (await pythonOf(place.capture({ now }), codeTree === undefined ? {} : { codeTree })).requirements;
  assert.equal(await of("tree1"), "# not installed: one\n");
  writeFileSync(join(place.project, "a.py"), "import two");
  assert.equal(await of("tree1"), "# not installed: one\n", "the answer for the tree is remembered");
  assert.equal(await of("tree2", Date.now), "# not installed: two\n");
  writeFileSync(join(place.project, "a.py"), "import three");
  assert.equal(
    await of("tree2"),
    "# not installed: three\n",
    "what was just edited is not remembered for a tree",
  );
  assert.equal(await of(undefined), "# not installed: three\n");
  const codeTree = Promise.reject(new Error("the capture failed"));
  assert.equal((await pythonOf(place.capture(), { codeTree })).requirements, "# not installed: three\n");
});

test("has no Python part when there is none, and still the rest", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, { "a.py": "import one", "requirements.txt": "one\n" });
  const capture = createCapture({ projectDirectory: root, environment: { PATH: join(root, "absent") } });
  assert.deepEqual(await capture.environment(), { lockFiles: { "requirements.txt": "one\n" } });
});

test("an interpreter that hangs, fails or babbles is given up, with its children, and not waited for twice", async (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, ".datmo"));
  const counted = `#!/bin/sh\necho $$ >> ${root}/starts\n`;
  const bodies = {
    hangs: `sleep 300 & echo $! >> ${root}/children\nwait\n`,
    fails: "exit 3\n",
    babbles: "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done\n",
    lies: "printf '\\001datmo-python\\001version='\n",
  };
  for (const [name, body] of Object.entries(bodies)) {
    const pythonExecutable = writeScript(join(root, name), counted + body);
    const options = { projectDirectory: root, cacheDirectory: join(root, ".datmo/cache"), environment: {} };
    const capture = (): Capture => createCapture({ ...options, timeoutMs: 400 });
    rmSync(join(root, "starts"), { force: true });
    assert.equal((await capture().environment({ pythonExecutable })).python, undefined, name);
    assert.equal((await capture().environment({ pythonExecutable })).python, undefined, name);
    assert.equal(readFileSync(join(root, "starts"), "utf8").trim().split("\n").length, 1, name);
    const later = createCapture({ ...options, timeoutMs: 400, now: () => Date.now() + 3_600_000 });
    await later.environment({ pythonExecutable });
    assert.equal(readFileSync(join(root, "starts"), "utf8").trim().split("\n").length, 2, name);
  }
  for (const pid of readFileSync(join(root, "children"), "utf8").trim().split("\n")) await gone(Number(pid));
});

test("works with every other Python of this machine", async (t) => {
  const versions = join(process.env["PYENV_ROOT"] ?? join(process.env["HOME"] ?? "/", ".pyenv"), "versions");
  const names = existsSync(versions) ? readdirSync(versions) : [];
  if (names.length === 0) return t.skip("only one Python here; more with pyenv");
  const root = temporaryFolder(t);
  writeFiles(root, { "a.py": "import argparse, collections, _socket, urllib\nimport certainly_missing" });
  for (const name of names) {
    const pythonExecutable = join(versions, name, "bin", "python");
    const capture = createCapture({ projectDirectory: root, environment: process.env, timeoutMs: 30_000 });
    const { python } = await capture.environment({ pythonExecutable });
    assert.equal(python?.version, name);
    assert.equal(python?.requirements, "# not installed: certainly_missing\n", name);
    assert.ok(
      python?.packages.some((found) => found.name === "pip"),
      name,
    );
  }
});

test("a damaged, foreign or unwritable cache is no error", async (t) => {
  const place = makePlace(t);
  writeFiles(place.project, { "a.py": "import one" });
  const first = await place.capture().environment();
  const cache = join(place.project, ".datmo/cache");
  for (const name of readdirSync(cache)) {
    const text = readFileSync(join(cache, name), "utf8");
    writeFileSync(join(cache, name), text.replace(/"version":"[^"]+"/, '"version":"9.9"').slice(0, -1));
  }
  assert.deepEqual(await place.capture().environment(), first);
  for (const name of readdirSync(cache)) writeFileSync(join(cache, name), "null");
  assert.deepEqual(await place.capture().environment(), first);
  rmSync(join(place.project, ".datmo"), { recursive: true });
  assert.deepEqual(await place.capture().environment(), first);
  assert.ok(!existsSync(join(place.project, ".datmo")), "no project folder comes into being");
});

/** Resolves when a process has ended, however long the machine takes. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
    if (state === "" || / Z /.test(state)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
