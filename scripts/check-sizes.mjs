// Sizes that keep the code readable: files of at most 300 lines, functions of at most 60. Generated files are exempt.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";

const MAX_FILE = 300;
const MAX_FUNCTION = 60;
const GENERATED = /^src\/protocol\//;
const problems = [];
for (const room of ["src", "protocol/generator"]) {
  for (const entry of await readdir(room, { recursive: true })) {
    const path = join(room, entry);
    if (!path.endsWith(".ts") || path.endsWith(".d.ts") || GENERATED.test(path)) continue;
    const text = await readFile(path, "utf8");
    const lines = text.split("\n").length - 1;
    if (lines > MAX_FILE) problems.push(`${path}: ${lines} lines (at most ${MAX_FILE})`);
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    visit(source, source, path);
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** A function that only holds other functions (a closure as a class) is as long as its own statements. */
function visit(node, source, path) {
  if (ts.isFunctionLike(node) && node.body) {
    const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const last = source.getLineAndCharacterOfPosition(node.end).line;
    const own = last - first + 1 - linesOfInner(node.body, source);
    if (own > MAX_FUNCTION)
      problems.push(`${path}:${first + 1}: a function of ${own} lines (at most ${MAX_FUNCTION})`);
  }
  ts.forEachChild(node, (child) => visit(child, source, path));
}

function linesOfInner(body, source) {
  let lines = 0;
  const look = (node) => {
    if (ts.isFunctionLike(node) && node.body) {
      const span =
        source.getLineAndCharacterOfPosition(node.end).line -
        source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      if (span > 0) lines += span + 1;
      return;
    }
    ts.forEachChild(node, look);
  };
  ts.forEachChild(body, look);
  return lines;
}
