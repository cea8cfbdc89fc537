import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";

/**
 * The entry files of the bundle, sorted: `{ in: path from the root, out: file name without ".js" }`.
 * Workers lie flat beside the chunks, so two of the same name would overwrite each other: that is an error.
 */
export async function findEntries(root) {
  const paths = (await readdir(join(root, "src"), { recursive: true }))
    .map((path) => join("src", path))
    .filter((path) => isProgram(path) || path.endsWith("-worker.ts"))
    .sort();
  const entries = paths.map((path) => ({ in: path, out: basename(path, ".ts") }));
  const names = new Set(entries.map((entry) => entry.out));
  if (names.size !== entries.length)
    throw new Error(`Two entry files have the same name: ${paths.join(", ")}`);
  return entries;
}

function isProgram(path) {
  return /^src[\\/]bin[\\/][^\\/]+\.ts$/.test(path);
}
