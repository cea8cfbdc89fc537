#!/usr/bin/env node
// Bundles the engine and the command line into flat ES modules: `node scripts/build.mjs [--outdir DIR] [--no-minify]`.
// Every program of `src/bin` and every `*-worker.ts` becomes an entry file of its own; what they share or import
// lazily becomes chunks beside them, so that a start reads only what it needs.
import { chmod, copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundle } from "./build/bundle.mjs";
import { findEntries } from "./build/entries.mjs";
import { finishedText } from "./build/finish.mjs";
import { thirdPartyNotices } from "./build/notices.mjs";
import { assertLightStart } from "./build/static-graph.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options } = parseArgs({
  options: { outdir: { type: "string", default: join(root, "dist") }, "no-minify": { type: "boolean" } },
});
const outdir = resolve(options.outdir);

const entries = await findEntries(root);
const { files, metafile } = await bundle({ root, entries, minify: !options["no-minify"] });
assertLightStart(metafile);

await mkdir(outdir, { recursive: true });
const written = new Set();
for (const file of files) {
  const name = basename(file.path);
  await writeFile(join(outdir, name), finishedText(name, file.text));
  written.add(name);
}
await chmod(join(outdir, "datmo.js"), 0o755).catch(ignoreMissing);
await copyFile(join(root, "node_modules/sql.js/dist/sql-wasm.wasm"), join(outdir, "sql-wasm.wasm"));
await writeFile(join(outdir, "THIRD-PARTY-NOTICES.txt"), await thirdPartyNotices(root, metafile));
await removeStale(outdir, written);

const bytes = files.reduce((sum, file) => sum + file.contents.length, 0);
process.stderr.write(`built ${files.length} files, ${Math.round(bytes / 1024)} kB, in ${outdir}\n`);

/** Chunks are named by their content: those of the last build would pile up. */
async function removeStale(directory, keep) {
  for (const name of await readdir(directory)) {
    if (name.endsWith(".js") && !keep.has(name)) await rm(join(directory, name));
  }
}

function ignoreMissing(error) {
  if (error.code !== "ENOENT") throw error;
}
