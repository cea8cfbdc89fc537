import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Bundles programs as the product is bundled, so that starting one costs what a start costs, and gives the
 * folder with `<name>.js` for each. The caller removes it.
 */
export async function bundlePrograms(...sources: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "datmo-programs-"));
  const result = await build({
    absWorkingDir: root,
    entryPoints: [...sources, "src/store/db/checkpoint-worker.ts"],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outdir: folder,
    entryNames: "[name]",
    write: false,
    logLevel: "warning",
  });
  for (const file of result.outputFiles) {
    await writeFile(join(folder, basename(file.path)), HEAD + file.text);
  }
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  const wasm = createRequire(import.meta.url).resolve("sql.js/dist/sql-wasm.wasm");
  await copyFile(wasm, join(folder, "sql-wasm.wasm"));
  return folder;
}

/** What CommonJS code inside the bundle expects. */
const HEAD =
  'import{createRequire as __r}from"node:module";const require=__r(import.meta.url);' +
  'import{fileURLToPath as __p}from"node:url";const __filename=__p(import.meta.url),__dirname=__p(new URL(".",import.meta.url));\n';
