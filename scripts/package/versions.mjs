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

/**
 * The same version as R can have it: no letters, and before the release that it leads to: `0.99.1`. The second
 * release candidate of 1.2.0 is `1.1.99.202`, that of 1.2.3 `1.2.2.9202`.
 */
export function rVersion(version) {
  const [, numbers, stage, count] = /^([\d.]+?)(?:-(alpha|beta|rc)\.(\d+))?$/.exec(version) ?? [];
  if (numbers === undefined) throw new Error(`${version} is no version`);
  if (stage === undefined) return numbers;
  const [major, minor, patch] = numbers.split(".").map(Number);
  const order = { alpha: 0, beta: 100, rc: 200 }[stage] + Number(count);
  if (patch > 0) return `${major}.${minor}.${patch - 1}.${9000 + order}`;
  return minor > 0 ? `${major}.${minor - 1}.99.${order}` : `${major - 1}.99.${order}`;
}

/** Throws unless the text in the file is the version it should be. */
export function assertVersion(path, pattern, version) {
  const found = pattern.exec(readFileSync(path, "utf8"))?.[1];
  if (found !== version) throw new Error(`${path} says ${found}, but the version is ${version}`);
}
