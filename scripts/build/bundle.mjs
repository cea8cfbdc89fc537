import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/** Bundles in memory. The result depends on the sources only: no absolute path and no time goes in. */
export async function bundle({ root, entries, minify }) {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const result = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: "dist",
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify,
    legalComments: "none",
    charset: "utf8",
    chunkNames: "chunk-[hash]",
    define: { DATMO_VERSION: JSON.stringify(version) },
    logLevel: "warning",
  });
  return { files: result.outputFiles, metafile: result.metafile };
}
