import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/**
 * Bundles a fixture program the way the engine is bundled, into a folder of its own; returns its path. Removed when
 * this process ends.
 */
export async function bundleFixture(path: string): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), "datmo-fixture-"));
  process.once("exit", () => rmSync(outdir, { recursive: true, force: true }));
  await build({
    absWorkingDir: ROOT,
    entryPoints: [path],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outExtension: { ".js": ".mjs" },
    logLevel: "error",
  });
  return join(outdir, basename(path).replace(/\.ts$/, ".mjs"));
}
