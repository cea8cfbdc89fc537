import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  type ProjectSources,
  rememberedFolders,
  type SourceFolders,
  scanSources,
} from "../../../src/drivers/capture/project-sources.ts";
import { laterClock, temporaryFolder, writeFiles } from "./fixtures.ts";

const OPTIONS = { now: laterClock, timeoutMs: 60_000 };

function imports(sources: ProjectSources): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [folder, { files }] of sources.folders) {
    for (const [name, , python, r] of files) found[folder === "" ? name : `${folder}/${name}`] = python + r;
  }
  return found;
}

/** What the cache file would bring back. */
function remembered(sources: ProjectSources, before: SourceFolders = {}): SourceFolders {
  return JSON.parse(JSON.stringify(rememberedFolders(sources, before))) as SourceFolders;
}

test("skips environments, caches, hidden folders and what the ignore files say", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, {
    "main.py": "import a",
    "pkg/sub/deep.py": "import b",
    "notebooks/x.ipynb": JSON.stringify({ cells: [{ cell_type: "code", source: "import c" }] }),
    "analysis/fit.R": "library(lme4)",
    ".venv/lib/x.py": "import no",
    "myenv/pyvenv.cfg": "home = /usr",
    "myenv/lib/x.py": "import no",
    "conda/conda-meta/history": "",
    "conda/x.py": "import no",
    "node_modules/x/x.py": "import no",
    "pkg/__pycache__/x.py": "import no",
    ".git/hooks/x.py": "import no",
    ".datmo/x.py": "import no",
    ".hidden/x.py": "import no",
    "renv/activate.R": "library(renv)",
    "renv/library/x/R/x.R": "library(no)",
    ".gitignore": "build/\n?[\u0000/|\n/secret.py\n*.gen.py\n!keep.gen.py\n",
    ".datmoignore": "scratch\n",
    "build/x.py": "import no",
    "pkg/build/x.py": "import no",
    "secret.py": "import no",
    "pkg/secret.py": "import d",
    "pkg/x.gen.py": "import no",
    "pkg/keep.gen.py": "import e",
    "scratch/x.py": "import no",
    "tools/.gitignore": "*\n!wanted.py\n",
    "tools/wanted.py": "import f",
    "tools/other.py": "import no",
  });
  assert.deepEqual(imports(await scanSources(root, {}, OPTIONS)), {
    "main.py": "a",
    "analysis/fit.R": "base lme4",
    "notebooks/x.ipynb": "c",
    "pkg/keep.gen.py": "e",
    "pkg/secret.py": "d",
    "pkg/sub/deep.py": "b",
    "renv/activate.R": "base renv",
    "tools/wanted.py": "f",
  });
});

test("reads nothing again when nothing changed, and exactly what changed otherwise", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, { "a.py": "import a", "p/b.py": "import b", "p/q/c.py": "import c" });
  const before = remembered(await scanSources(root, {}, OPTIONS));
  const same = await scanSources(root, before, OPTIONS);
  assert.equal(same.changed, false);
  for (const [path, folder] of same.folders) assert.equal(folder, before[path], path);

  writeFileSync(join(root, "p/q/c.py"), "import z");
  const edited = await scanSources(root, before, OPTIONS);
  assert.deepEqual(imports(edited), { "a.py": "a", "p/b.py": "b", "p/q/c.py": "z" });
  assert.equal(edited.changed, true);
  assert.equal(edited.folders.get("p"), before["p"]);

  writeFiles(root, { "p/new/d.py": "import d" });
  rmSync(join(root, "a.py"));
  renameSync(join(root, "p/q"), join(root, "p/r"));
  const moved = await scanSources(root, remembered(edited), OPTIONS);
  assert.deepEqual(imports(moved), { "p/b.py": "b", "p/new/d.py": "d", "p/r/c.py": "z" });
});

test("notices an edit of equal size whose modification time was put back", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, { "a.py": "import aa" });
  const path = join(root, "a.py");
  utimesSync(path, 1_000, 1_000);
  const before = remembered(await scanSources(root, {}, OPTIONS));
  writeFileSync(path, "import bb");
  utimesSync(path, 1_000, 1_000);
  assert.equal(statSync(path).mtimeMs, 1_000_000);
  assert.deepEqual(imports(await scanSources(root, before, OPTIONS)), { "a.py": "bb" });
});

test("does not trust a file so young that another edit could hide behind the same time", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, { "a.py": "import a" });
  const young = { ...OPTIONS, now: () => statSync(join(root, "a.py")).mtimeMs + 5 };
  const before = remembered(await scanSources(root, {}, young));
  assert.equal((await scanSources(root, before, young)).changed, true);
});

test("applies changed ignore files to folders that did not change themselves", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, { "p/q/a.py": "import a", "p/b.py": "import b" });
  let known = remembered(await scanSources(root, {}, OPTIONS));
  const scan = async (): Promise<Record<string, string>> => {
    const sources = await scanSources(root, known, OPTIONS);
    known = remembered(sources, known);
    return imports(sources);
  };
  writeFiles(root, { ".gitignore": "q/\n" });
  assert.deepEqual(await scan(), { "p/b.py": "b" });
  writeFiles(root, { ".gitignore": "b.py\n" });
  assert.deepEqual(await scan(), { "p/q/a.py": "a" });
  rmSync(join(root, ".gitignore"));
  assert.deepEqual(await scan(), { "p/b.py": "b", "p/q/a.py": "a" });
});

test("follows links to files, never to folders, and bears broken and circular ones", async (t) => {
  const root = temporaryFolder(t);
  const outside = temporaryFolder(t);
  writeFiles(outside, { "shared.py": "import shared", "more/x.py": "import no" });
  writeFiles(root, { "a.py": "import a" });
  symlinkSync(join(outside, "shared.py"), join(root, "link.py"));
  symlinkSync(join(outside, "more"), join(root, "more"));
  symlinkSync(root, join(root, "self"));
  symlinkSync("loop.py", join(root, "loop.py"));
  symlinkSync("nowhere.py", join(root, "broken.py"));
  mkdirSync(join(root, "folder.py"));
  spawnSync("mkfifo", [join(root, "pipe.py")]);
  assert.deepEqual(imports(await scanSources(root, {}, OPTIONS)), {
    "a.py": "a",
    "broken.py": "",
    "link.py": "shared",
    "loop.py": "",
  });
});

test("gives up when the time is over, says so, and gets further the next time", async (t) => {
  const root = temporaryFolder(t);
  for (let i = 0; i < 50; i++) writeFiles(root, { [`p${i}/a.py`]: `import m${i}` });
  const first = await scanSources(root, {}, { ...OPTIONS, timeoutMs: -1 });
  assert.equal(first.complete, false);
  assert.equal(first.folders.size, 0);
  const all = remembered(await scanSources(root, {}, OPTIONS));
  const late = await scanSources(root, all, { ...OPTIONS, timeoutMs: -1 });
  assert.deepEqual(remembered(late, all), all);
});

test("is empty for a project that is not there", async (t) => {
  const sources = await scanSources(join(temporaryFolder(t), "absent"), {}, OPTIONS);
  assert.equal(sources.folders.size, 0);
});
