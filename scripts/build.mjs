#!/usr/bin/env node
// Bundles the product: `node scripts/build.mjs [--outdir DIR] [--no-minify] [--no-warm-up]`. `program.js` holds the
// engine and the command line, `datmo.js` and `engine.js` start them, every `*-worker.ts` becomes a file of its own.
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { analyse, bundle } from "./build/bundle.mjs";
import { findEntries } from "./build/entries.mjs";
import { asFunction, launchers } from "./build/launchers.mjs";
import { thirdPartyNotices } from "./build/notices.mjs";
import { assertLightStart } from "./build/static-graph.mjs";
import { warmUp } from "./build/warm-up.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    outdir: { type: "string", default: join(root, "dist") },
    "no-minify": { type: "boolean" },
    "no-warm-up": { type: "boolean" },
  },
});
const outdir = resolve(options.outdir);

const { entries, programs } = await findEntries(root);
assertLightStart(
  await analyse({ root, entries: programs.map((path) => ({ in: path, out: basename(path, ".ts") })) }),
);
const { files, metafile } = await bundle({ root, entries, minify: !options["no-minify"] });
const texts = new Map(files.map((file) => [file.name, file.text]));
texts.set("program.js", asFunction(texts.get("program.js")));
for (const { name, text } of await launchers(programs, texts.get("program.js"))) texts.set(name, text);
// The folder stands for itself: the package around it has ES modules.
texts.set("package.json", '{ "type": "commonjs" }\n');
texts.set("THIRD-PARTY-NOTICES.txt", await thirdPartyNotices(root, metafile));

await mkdir(outdir, { recursive: true });
for (const [name, text] of texts) await writeFile(join(outdir, name), text);
for (const path of programs) await chmod(join(outdir, `${basename(path, ".ts")}.js`), 0o755);
await copyFile(join(root, "node_modules/sql.js/dist/sql-wasm.wasm"), join(outdir, "sql-wasm.wasm"));
await copySdk(outdir);
await removeStale(outdir, texts);
if (!options["no-warm-up"]) await warmUp(outdir);

const bytes = files.reduce((sum, file) => sum + file.text.length, 0);
process.stderr.write(`built ${texts.size} files, ${Math.round(bytes / 1024)} kB, in ${outdir}\n`);

/** Deno runs the SDK for plugins from its sources, and checks plugins against the types of the protocol. */
async function copySdk(directory) {
  const to = join(directory, "plugin-sdk");
  await rm(to, { recursive: true, force: true });
  // Trees that stand for sources in tests have none.
  if (!existsSync(join(root, "src/plugins/sdk"))) return;
  const names = await readdir(join(root, "src/plugins/sdk"), { recursive: true });
  const files = [
    ...names.filter((name) => name.endsWith(".ts")).map((name) => join("plugins/sdk", name)),
    ...["methods.ts", "types.ts", "errors.ts"].map((name) => join("protocol", name)),
  ];
  for (const file of files) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await copyFile(join(root, "src", file), join(to, file));
  }
}

/** Workers that are no more, and compiled code of the build before. */
async function removeStale(directory, keep) {
  for (const name of await readdir(directory)) {
    if (/\.(js|cache|tmp)$/.test(name) && !keep.has(name)) await rm(join(directory, name));
  }
}
