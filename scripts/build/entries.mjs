import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";

/** The one file that holds all programs. */
const BUNDLE = "src/bin/program.ts";

/**
 * The entry files of the build, sorted: the bundle and the workers, each `{ in: path from the root, out: file name
 * without ".js" }`, and the paths of the programs in the bundle. Workers lie flat beside the bundle, so two of the
 * same name would overwrite each other: that is an error.
 */
export async function findEntries(root) {
  const paths = (await readdir(join(root, "src"), { recursive: true }))
    .map((path) => join("src", path))
    .sort();
  const files = [BUNDLE, ...paths.filter((path) => path.endsWith("-worker.ts"))];
  const entries = files.map((path) => ({ in: path, out: basename(path, ".ts") }));
  const names = new Set(entries.map((entry) => entry.out));
  if (names.size !== entries.length)
    throw new Error(`Two entry files have the same name: ${files.join(", ")}`);
  return { entries, programs: paths.filter((path) => isProgram(path) && path !== BUNDLE) };
}

function isProgram(path) {
  return /^src[\\/]bin[\\/][^\\/]+\.ts$/.test(path);
}
