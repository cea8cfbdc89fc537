import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { assertVersion, productVersion, pythonVersion } from "./versions.mjs";

/** The wheel: one for every platform. Answers its path. */
export function packPython({ root, bundle, staging, outdir }) {
  const client = join(root, "clients/python");
  const version = pythonVersion(productVersion(root));
  assertVersion(join(client, "pyproject.toml"), /^version = "(.*)"$/m, version);
  assertVersion(join(client, "src/datmo/__init__.py"), /^__version__ = "(.*)"$/m, version);
  for (const name of ["pyproject.toml", "README.md"]) copyFileSync(join(client, name), join(staging, name));
  copyFileSync(join(root, "LICENSE"), join(staging, "LICENSE"));
  cpSync(join(client, "src"), join(staging, "src"), { recursive: true, filter: isSource });
  cpSync(bundle, join(staging, "src/datmo/_bundle"), { recursive: true });
  const made = mkdtempSync(join(staging, "wheel-"));
  execFileSync("python3", ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", made, staging], {
    // Times in the archive.
    env: { ...process.env, SOURCE_DATE_EPOCH: "1577836800", PIP_DISABLE_PIP_VERSION_CHECK: "1" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [wheel] = readdirSync(made);
  copyFileSync(join(made, wheel), join(outdir, wheel));
  return join(outdir, wheel);
}

function isSource(path) {
  return !/__pycache__|\.egg-info|_bundle/.test(path);
}
