import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { normalizedName, readDistributions } from "../../../src/drivers/capture/python/distributions.ts";
import { buildModuleMap, ownersOf } from "../../../src/drivers/capture/python/module-map.ts";
import { fakeDistribution, temporaryFolder, writeFiles } from "./fixtures.ts";

/** What Python itself says is installed in one folder. */
const ORACLE = `
import json, sys
from importlib import metadata
out = {}
for d in metadata.distributions(path=[sys.argv[1]]):
    if d.metadata["Name"]: out.setdefault(d.metadata["Name"], d.version)
json.dump(out, sys.stdout)
`;

function names(folder: string, isSite = true): string[] {
  return readDistributions(folder, isSite).map(({ name, version }) => `${name} ${version}`);
}

test("reads the same distributions as importlib.metadata from every real site-packages here", (t) => {
  const paths = spawnSync(
    "python3",
    ["-c", "import sys; print('\\n'.join(p for p in sys.path if 'packages' in p))"],
    {
      encoding: "utf8",
    },
  );
  const folders = [...paths.stdout.trim().split("\n"), "/usr/lib/python3/dist-packages"];
  for (const folder of folders) {
    const run = spawnSync("python3", ["-I", "-c", ORACLE, folder], { encoding: "utf8" });
    assert.equal(run.status, 0, run.stderr);
    const expected = JSON.parse(run.stdout) as Record<string, string>;
    const found: Record<string, string> = {};
    for (const { name, version } of readDistributions(folder, true)) found[name] ??= version;
    assert.deepEqual(found, expected, folder);
    t.diagnostic(`${folder}: ${Object.keys(found).length}`);
  }
});

test("reads every form of metadata", (t) => {
  const site = temporaryFolder(t);
  fakeDistribution(site, "plain", "1.0", ["plain.py"]);
  writeFiles(site, {
    "Folder.Name-2.0-py3.11.egg-info/PKG-INFO": "Name: Folder.Name\nVersion: 2.0\n",
    "single-3.egg-info": "Metadata-Version: 1.0\r\nName: single\r\nVersion: 3.0\r\n\r\nText",
    "long-4.0.dist-info/METADATA": `Summary: ${"x".repeat(10_000)}\nName: long\nVersion: 4.0\n`,
    "nothing_inside-5.0.dist-info/WHEEL": "",
    "~emoved-6.0.dist-info/METADATA": "Name: removed\nVersion: 6.0\n",
    "short-7.0.dist-info/METADATA": "Name: short\nVersion: 7.0",
  });
  assert.deepEqual(names(site), [
    "Folder.Name 2.0",
    "long 4.0",
    "nothing_inside 5.0",
    "plain 1.0",
    "short 7.0",
    "single 3.0",
  ]);
});

test("leaves out what is broken and does not fail", (t) => {
  const site = temporaryFolder(t);
  writeFiles(site, {
    "junk.dist-info/METADATA": Buffer.from([0, 255, 254, 10, 13, 78, 97, 109, 101]),
    "empty.egg-info": "",
    "evil-1.0.dist-info/METADATA": "Name: ../../etc\nVersion: 1.0\n",
    "spaced-1.0.dist-info/METADATA": "Name: a b; rm\nVersion: 1.0\n",
    "url.dist-info/METADATA": "Name: url\nVersion: 1\n",
    "url.dist-info/direct_url.json": "{broken",
    "odd.dist-info/METADATA": "Name: odd\nVersion: 1\n",
    "odd.dist-info/direct_url.json": '{"url": 3, "dir_info": null}',
  });
  mkdirSync(join(site, "folder.dist-info", "METADATA"), { recursive: true });
  symlinkSync("loop.egg-info", join(site, "loop.egg-info"));
  // A broken name gives way to the folder's, which pip made of the true one.
  assert.deepEqual(names(site), ["evil 1.0", "odd 1", "spaced 1.0", "url 1"]);
  assert.deepEqual(names(join(site, "absent")), []);
  writeFileSync(join(site, "file"), "");
  assert.deepEqual(names(join(site, "file")), []);
});

test("notes where packages came from, without passwords", (t) => {
  const site = temporaryFolder(t);
  const direct = (name: string, value: object, more: Record<string, string> = {}): void =>
    fakeDistribution(site, name, "1", [`${name}.py`], { "direct_url.json": JSON.stringify(value), ...more });
  direct("vcs", {
    url: "https://me:pw@github.com/x/y.git",
    vcs_info: { vcs: "git", commit_id: "abc123" },
    subdirectory: "s",
  });
  direct("archive", { url: "https://token@host/a.zip?key=1", archive_info: {} });
  direct("editable", { url: "file:///home/me/src", dir_info: { editable: true } });
  direct("local", { url: "file:///home/me/wheel.whl", archive_info: {} });
  direct("conda", { url: "file:///croot/x" }, { INSTALLER: "conda\n" });
  const found = Object.fromEntries(
    readDistributions(site, true).map(({ name, source, editable, requirement }) => [
      name,
      { source, editable, requirement },
    ]),
  );
  const none = { source: undefined, editable: undefined, requirement: undefined };
  const vcs = "git+https://github.com/x/y.git@abc123#subdirectory=s";
  assert.deepEqual(found, {
    archive: { ...none, source: "https://host/a.zip", requirement: "https://host/a.zip" },
    conda: none,
    editable: { ...none, source: "file:///home/me/src", editable: true },
    local: { ...none, source: "file:///home/me/wheel.whl" },
    vcs: { ...none, source: vcs, requirement: vcs },
  });
});

test("takes metadata beside source code as installed in place", (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "mine.egg-info/PKG-INFO": "Name: mine\nVersion: 0.1\n" });
  assert.deepEqual(readDistributions(folder, false), [
    { name: "mine", version: "0.1", metadata: join(folder, "mine.egg-info"), source: folder, editable: true },
  ]);
});

test("maps modules to distributions: names that differ, extensions, single files, lists of old installers", async (t) => {
  const site = temporaryFolder(t);
  fakeDistribution(site, "pillow", "10", ["PIL/__init__.py", "PIL/Image.py", "../../bin/tool.py"]);
  fakeDistribution(site, "PyYAML", "6", ["yaml/__init__.py", "_yaml.cpython-311-x86_64-linux-gnu.so"]);
  fakeDistribution(site, "six", "1", ["six.py", "__pycache__/six.cpython-311.pyc"]);
  writeFiles(site, {
    "old-1.egg-info/PKG-INFO": "Name: old\nVersion: 1\n",
    "old-1.egg-info/top_level.txt": "old_module\n_old\n",
    "older-1.egg-info/PKG-INFO": "Name: older\nVersion: 1\n",
    "older-1.egg-info/installed-files.txt": "../older_module/__init__.py\n../older_module/x.py\nPKG-INFO\n",
    "guess-me-1.dist-info/METADATA": "Name: guess-me\nVersion: 1\n",
    "guess_me.py": "",
    "command-only-1.dist-info/METADATA": "Name: command-only\nVersion: 1\n",
  });
  const distributions = readDistributions(site, true);
  const map = await buildModuleMap(distributions);
  const owner = (module: string): string =>
    ownersOf(map, module)
      .map((i) => distributions[i]?.name)
      .join("+");
  assert.deepEqual(
    ["PIL", "PIL.Image", "yaml", "_yaml", "six", "old_module", "_old", "older_module", "guess_me"].map(owner),
    ["pillow", "pillow", "PyYAML", "PyYAML", "six", "old", "old", "older", "guess-me"],
  );
  assert.deepEqual(["tool", "bin", "command_only", "constructor", "__proto__"].map(owner), [
    "",
    "",
    "",
    "",
    "",
  ]);
});

test("tells the distributions of a namespace apart, and names all that share one module", async (t) => {
  const site = temporaryFolder(t);
  fakeDistribution(site, "google-cloud-storage", "1", [
    "google/cloud/storage/__init__.py",
    "google/cloud/storage/blob.py",
  ]);
  fakeDistribution(site, "google-cloud-core", "1", [
    "google/cloud/client/__init__.py",
    "google/cloud/version.py",
  ]);
  fakeDistribution(site, "protobuf", "1", ["google/protobuf/__init__.py"]);
  fakeDistribution(site, "opencv-python", "4", ["cv2/__init__.py", "cv2/data/__init__.py"]);
  fakeDistribution(site, "opencv-python-headless", "4", ["cv2/__init__.py", "cv2/data/__init__.py"]);
  fakeDistribution(site, "lonely", "1", ["space/lonely/__init__.py"]);
  fakeDistribution(site, "pluggable", "1", ["plug/__init__.py", "plug/core.py"]);
  fakeDistribution(site, "plugin", "1", ["plug/extra.py"]);
  const distributions = readDistributions(site, true);
  const map = await buildModuleMap(distributions);
  const owner = (module: string): string =>
    ownersOf(map, module)
      .map((i) => distributions[i]?.name)
      .join("+");
  assert.equal(owner("google.cloud.storage.blob"), "google-cloud-storage");
  assert.equal(owner("google.cloud.version"), "google-cloud-core");
  assert.equal(owner("google.protobuf.message"), "protobuf");
  assert.equal(owner("google.cloud.bigquery"), "", "a namespace does not answer for what is not installed");
  assert.equal(owner("google.cloud"), "google-cloud-core+google-cloud-storage");
  assert.equal(owner("cv2.imread"), "opencv-python+opencv-python-headless");
  assert.equal(owner("cv2.data"), "opencv-python+opencv-python-headless");
  assert.equal(owner("space.lonely"), "lonely");
  assert.equal(owner("space.other"), "");
  assert.equal(owner("plug.extra"), "plugin");
  assert.equal(owner("plug.SomeClass"), "pluggable", "only the one with __init__.py can hold a name");
});

test("finds the modules of what is installed in place from its source folder", async (t) => {
  const site = temporaryFolder(t);
  const source = temporaryFolder(t);
  writeFiles(source, { "src/inner_name/__init__.py": "", "docs/x.py": "" });
  fakeDistribution(site, "outer-name", "1", ["__editable___outer_name_finder.py"], {
    "direct_url.json": JSON.stringify({ url: `file://${source}`, dir_info: { editable: true } }),
  });
  const map = await buildModuleMap(readDistributions(site, true));
  assert.deepEqual(ownersOf(map, "inner_name.x"), [0]);
  assert.deepEqual(ownersOf(map, "docs"), []);
});

test("compares names as PEP 503 does", () => {
  assert.equal(normalizedName("Ruamel.YAML__x-Y"), "ruamel-yaml-x-y");
});
