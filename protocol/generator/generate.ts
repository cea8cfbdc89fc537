/* Writes everything that follows from `protocol/` and `schemas/`; with --check compares instead and exits 1. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkContract } from "./check.ts";
import { emitErrors } from "./emit-errors.ts";
import { emitMethods } from "./emit-methods.ts";
import { emitOpenrpc } from "./emit-openrpc.ts";
import { emitPython } from "./emit-python.ts";
import { emitPythonErrors } from "./emit-python-errors.ts";
import { emitPythonNouns } from "./emit-python-nouns.ts";
import { emitR } from "./emit-r.ts";
import { emitRDocs } from "./emit-r-docs.ts";
import { emitSpec } from "./emit-spec.ts";
import { emitToolSchemas } from "./emit-tool-schemas.ts";
import { emitTypes } from "./emit-types.ts";
import { emitValidators } from "./emit-validators.ts";
import { loadContract } from "./load.ts";
import type { Contract, Outputs } from "./model.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { check: { type: "boolean", default: false }, root: { type: "string" } },
  });
  const root = resolve(values.root ?? join(import.meta.dirname, "..", ".."));
  const contract = loadContract(root);
  const problems = checkContract(contract, root);
  if (problems.length > 0) return fail(problems);
  const outputs = await makeOutputs(contract, root);
  if (values.check) fail(stale(root, outputs).map((path) => `stale or missing: ${path} (npm run generate)`));
  else write(root, outputs);
}

async function makeOutputs(contract: Contract, root: string): Promise<Outputs> {
  return new Map([
    ["src/protocol/errors.ts", emitErrors(contract)],
    ["src/protocol/methods.ts", emitMethods(contract)],
    ["src/protocol/types.ts", emitTypes(contract)],
    ...(await emitValidators(contract)),
    ...emitToolSchemas(contract),
    ["clients/python/src/datmo/_protocol.py", emitPython(contract)],
    ["clients/python/src/datmo/errors.py", emitPythonErrors(contract)],
    ...emitPythonNouns(contract),
    ["clients/r/R/protocol.R", emitR(contract)],
    ...emitRDocs(contract, root),
    ["protocol/openrpc.json", emitOpenrpc(contract)],
    ["protocol/SPEC.md", emitSpec(contract)],
  ]);
}

function write(root: string, outputs: Outputs): void {
  for (const path of stale(root, outputs)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), outputs.get(path)!);
    process.stdout.write(`wrote ${path}\n`);
  }
}

function fail(problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}

function stale(root: string, outputs: Outputs): string[] {
  return [...outputs].filter(([path, text]) => readIfThere(join(root, path)) !== text).map(([path]) => path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

await main();
