#!/usr/bin/env node
// Makes what is installed: `node scripts/package.mjs [--outdir DIR] [python|npm|r …]`. Each package holds the engine
// and the notices of what is bundled in it; the same sources give the same bytes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packNpm } from "./package/npm.mjs";
import { packPython } from "./package/python.mjs";
import { packR } from "./package/r.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const makers = { python: packPython, npm: packNpm, r: packR };
const { values: options, positionals } = parseArgs({
  options: { outdir: { type: "string", default: join(root, "packages") } },
  allowPositionals: true,
});
const wanted = positionals.length > 0 ? positionals : Object.keys(makers).filter(isThere);
const unknown = wanted.find((name) => !(name in makers));
if (unknown) throw new Error(`no such package: ${unknown}`);

const scratch = mkdtempSync(join(tmpdir(), "datmo-package-"));
try {
  const bundle = join(scratch, "bundle");
  // Compiled code belongs to one Node on one kind of processor: each installation makes its own.
  execFileSync(process.execPath, [join(root, "scripts/build.mjs"), "--outdir", bundle, "--no-warm-up"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const outdir = resolve(options.outdir);
  mkdirSync(outdir, { recursive: true });
  for (const name of wanted) {
    const staging = join(scratch, name);
    mkdirSync(staging);
    report(makers[name]({ root, bundle, staging, outdir }));
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** A client that has no package yet is left out unless it is asked for. */
function isThere(name) {
  return name !== "r" || existsSync(join(root, "clients/r/DESCRIPTION"));
}

function report(path) {
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
  process.stdout.write(`${hash}  ${(statSync(path).size / 1e6).toFixed(2)} MB  ${basename(path)}\n`);
}
