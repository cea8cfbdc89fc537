import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { pythonImports } from "../../../src/drivers/capture/python/import-scanner.ts";
import { ODD, PIECES } from "./import-corpus.ts";

/** What Python's own parser finds, in the form in which ours reports it. */
const ORACLE = `
import ast, json, sys, warnings
warnings.simplefilter("ignore")
def cut(name): return ".".join(name.split(".")[:4])
def imports(source):
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(cut(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            if node.module.count(".") > 1: found.add(cut(node.module))
            else: found.update(node.module if a.name == "*" else node.module + "." + a.name for a in node.names)
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            named = [k.value for k in node.keywords if k.arg in ("name", "modname")]
            first = (node.args + named + [None])[0]
            if called in ("import_module", "__import__", "importorskip") and isinstance(first, ast.Constant):
                name = first.value
                if isinstance(name, str) and all(part.isidentifier() for part in name.split(".")): found.add(cut(name))
    return sorted(found, key=lambda name: [ord(c) for c in name])
json.dump([imports(source) for source in json.load(sys.stdin)], sys.stdout)
`;

test("finds in every piece of the corpus what Python itself finds", () => {
  const expected = askPython(PIECES);
  PIECES.forEach((piece, index) => {
    assert.deepEqual(pythonImports(piece), sorted(expected[index] ?? []), piece);
  });
  assert.ok(expected.flat().length > PIECES.length, "the corpus imports something");
  assert.ok(!expected.flat().some((name) => /\bno\b/.test(name)), "nothing is called `no`");
});

test("finds the same in 300 programs put together at random, indented and not", () => {
  const random = generator(20_260_726);
  const programs = Array.from({ length: 300 }, () => randomProgram(random));
  const expected = askPython(programs);
  programs.forEach((program, index) => {
    assert.deepEqual(pythonImports(program), sorted(expected[index] ?? []), program);
  });
});

test("bears what is no Python, or newer than the oracle", () => {
  for (const [source, expected] of ODD) assert.deepEqual(pythonImports(source), expected, source);
});

test("bears long hostile input, which would take hours in quadratic time", () => {
  const repeat = (text: string): string[] => pythonImports(text.repeat(200_000));
  for (const text of [
    "(",
    "'",
    '"""',
    'f"{',
    "\\\n",
    "import ",
    "from . ",
    "f'{a:{",
    "from a.b.c import (b,\n",
  ]) {
    assert.ok(repeat(text).length <= 1, text);
  }
  assert.deepEqual(repeat("import a.b\n"), ["a.b"]);
});

function askPython(sources: readonly string[]): string[][] {
  const run = spawnSync("python3", ["-I", "-c", ORACLE], {
    input: JSON.stringify(sources),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as string[][];
}

function randomProgram(random: () => number): string {
  let program = "";
  for (let i = 0; i < 12; i++) {
    const piece = PIECES[Math.floor(random() * PIECES.length)] as string;
    // What spans lines inside a string must not be indented: it would be another string, not another import.
    const isPlain = !piece.includes("'''") && !piece.includes('"""') && !piece.includes("\\\n");
    const head = ["if x:\n", "def f():\n", "class C:\n"][Math.floor(random() * 3)] as string;
    const indent = random() < 0.5 && isPlain && !piece.includes("import *");
    program += indent ? head + piece.replace(/^(?!\n|$)/gm, "    ") : piece;
  }
  return random() < 0.2 ? program.replaceAll("\n", "\r\n") : program;
}

function sorted(names: readonly string[]): string[] {
  return [...names].sort();
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
