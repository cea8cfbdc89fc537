import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";

const ROOT = join(import.meta.dirname, "../../..");
const HEAVY = 'import git from "isomorphic-git";\nexport const log = typeof git.log;\n';
let tree: string;

/** A small product of the same shape, built by a copy of the build script. */
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), "datmo-build-"));
  cpSync(join(ROOT, "scripts"), join(tree, "scripts"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(tree, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
  write("src/shared.ts", "export const shared = 1;\n");
  write("src/heavy.ts", HEAVY);
  write(
    "src/store/db/fold-worker.ts",
    'import { shared } from "../../shared.ts";\nconsole.log("worker", shared);\n',
  );
  write(
    "src/bin/engine.ts",
    'import { shared } from "../shared.ts";\nvoid import("../heavy.ts").then(({ log }) => console.log(shared, log));\nvoid import("node:os").then((os) => os.hostname());\n',
  );
  write("src/bin/datmo.ts", 'export const a = /[\u{fffd}é]/u.test("é");\nconsole.log("datmo", a);\n');
  cpSync(join(ROOT, "src/bin/program.ts"), join(tree, "src/bin/program.ts"));
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

function node(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8" });
}

function built(directory: string): Record<string, string> {
  const names = readdirSync(join(tree, directory)).filter((name) => name.endsWith(".js"));
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(tree, directory, name), "latin1")]),
  );
}

describe("the build", () => {
  it("makes programs and workers that run, side by side, the same every time", () => {
    assert.equal(node("scripts/build.mjs", "--no-warm-up").status, 0);
    const files = built("dist");
    for (const name of ["engine.js", "datmo.js", "fold-worker.js"]) assert.ok(name in files, name);
    assert.equal(node("dist/engine.js").stdout, "1 function\n");
    assert.equal(node("dist/fold-worker.js").stdout, "worker 1\n");
    assert.match(files["datmo.js"]!, /^#!\/usr\/bin\/env -S node --\n/);
    assert.ok(readdirSync(join(tree, "dist")).includes("sql-wasm.wasm"));
    assert.match(readFileSync(join(tree, "dist/THIRD-PARTY-NOTICES.txt"), "utf8"), /^isomorphic-git /m);
    assert.equal(node("dist/datmo.js").stdout, "datmo true\n");
    assert.equal(node("scripts/build.mjs", "--no-warm-up", "--outdir", "again").status, 0);
    assert.deepEqual(built("again"), files);
    assert.ok(Object.values(files).every((text) => !text.includes(tree)));
  });

  it("keeps V8's compiled code beside the bundle, never that of another build or a broken one", () => {
    node("scripts/build.mjs", "--no-warm-up");
    const caches = (): string[] => readdirSync(join(tree, "dist")).filter((name) => name.endsWith(".cache"));
    assert.deepEqual(caches(), []);
    assert.equal(node("dist/engine.js").stdout, "1 function\n");
    const [first] = caches();
    assert.ok(first);
    writeFileSync(join(tree, "dist", first), "garbage");
    assert.equal(node("dist/engine.js").stdout, "1 function\n");
    assert.notEqual(readFileSync(join(tree, "dist", first), "latin1"), "garbage");
    write("src/shared.ts", "export const shared = 2;\n");
    node("scripts/build.mjs", "--no-warm-up");
    assert.deepEqual(caches(), []);
    assert.equal(node("dist/engine.js").stdout, "2 function\n");
    assert.notEqual(caches()[0], first);
  });

  it("fails when a program would load a package at its start, and says who does", () => {
    write("src/bin/engine.ts", 'import { log } from "../heavy.ts";\nconsole.log(log);\n');
    const { status, stderr } = node("scripts/build.mjs", "--no-warm-up");
    assert.equal(status, 1);
    assert.match(stderr, /dist\/engine\.js: isomorphic-git, by src\/heavy\.ts/);
  });

  it("fails when two workers would have the same file", () => {
    write("src/store/series/fold-worker.ts", "export {};\n");
    const { status, stderr } = node("scripts/build.mjs", "--no-warm-up");
    assert.equal(status, 1);
    assert.match(stderr, /same name/);
  });
});
