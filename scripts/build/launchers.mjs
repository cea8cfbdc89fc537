import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** The bundle as the launchers run it: a function that is given what a module is given. */
export function asFunction(bundleText) {
  return `(function(exports,require,module,__filename,__dirname){${bundleText}\n})`;
}

/** The small files that start the programs of the bundle, by name. */
export async function launchers(programs, bundleText) {
  const template = await readFile(new URL("./launcher.cjs", import.meta.url), "utf8");
  const hash = createHash("sha256").update(bundleText).digest("hex").slice(0, 12);
  return programs.map((path) => {
    const name = basename(path, ".ts");
    return { name: `${name}.js`, text: template.replace("@HASH@", hash).replaceAll("@PROGRAM@", name) };
  });
}
