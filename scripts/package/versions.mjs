import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version of everything, as npm writes it: `1.0.0-alpha.1`. */
export function productVersion(root) {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
}

/** The same version as Python writes it: `1.0.0a1`. */
export function pythonVersion(version) {
  return version.replace(/-(alpha|beta|rc)\.(\d+)$/, (_, stage, number) => {
    return `${{ alpha: "a", beta: "b", rc: "rc" }[stage]}${number}`;
  });
}

/** Throws unless the text in the file is the version it should be. */
export function assertVersion(path, pattern, version) {
  const found = pattern.exec(readFileSync(path, "utf8"))?.[1];
  if (found !== version) throw new Error(`${path} says ${found}, but the version is ${version}`);
}
