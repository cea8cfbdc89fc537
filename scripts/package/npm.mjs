import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The tarball for npm. It depends on nothing: all is in the bundle. Answers its path. */
export function packNpm({ root, bundle, staging, outdir }) {
  const { name, version, description, license, type, engines, bin, files } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const manifest = { name, version, description, license, type, engines, bin, files };
  writeFileSync(join(staging, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ["LICENSE", "README.md"]) copyFileSync(join(root, file), join(staging, file));
  cpSync(bundle, join(staging, "dist"), { recursive: true });
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", outdir];
  const told = execFileSync("npm", words, { cwd: staging, encoding: "utf8" });
  const answer = JSON.parse(told);
  const [packed] = Array.isArray(answer) ? answer : Object.values(answer);
  return join(outdir, packed.filename);
}
