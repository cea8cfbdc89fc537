import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** Default `py3-none-any`. */
  readonly tag?: string;
  readonly requires?: readonly string[];
  readonly requiresPython?: string;
}

const MAKE = `
import html, json, os, sys, zipfile
folder, wheels = sys.argv[1], json.loads(sys.argv[2])
pages = {}
for w in wheels:
    name, version, tag = w["name"].replace("-", "_"), w["version"], w.get("tag", "py3-none-any")
    info = f"{name}-{version}.dist-info"
    meta = f"Metadata-Version: 2.1\\nName: {w['name']}\\nVersion: {version}\\n"
    meta += "".join(f"Requires-Dist: {r}\\n" for r in w.get("requires", []))
    if "requiresPython" in w: meta += f"Requires-Python: {w['requiresPython']}\\n"
    file = f"{name}-{version}-{tag}.whl"
    need = f' data-requires-python="{html.escape(w["requiresPython"])}"' if "requiresPython" in w else ""
    pages[name] = pages.get(name, "") + f'<a href="../../wheels/{file}"{need}>{file}</a>\\n'
    with zipfile.ZipFile(f"{folder}/wheels/{file}", "w") as z:
        z.writestr(f"{name}.py", f"version = '{version}'\\n")
        z.writestr(f"{info}/METADATA", meta)
        z.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: {tag}\\n")
        z.writestr(f"{info}/RECORD", f"{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
for name, links in pages.items():
    os.makedirs(f"{folder}/simple/{name}")
    open(f"{folder}/simple/{name}/index.html", "w").write(f"<!DOCTYPE html><html><body>{links}</body></html>")
`;

/** Makes a package index of wheels in a folder; what pip must be told for it to ask nobody else. */
export function makeIndex(folder: string, wheels: readonly Wheel[]): Record<string, string> {
  mkdirSync(join(folder, "wheels"), { recursive: true });
  execFileSync("python3", ["-c", MAKE, folder, JSON.stringify(wheels)]);
  const index = pathToFileURL(join(folder, "simple")).href;
  return { PIP_INDEX_URL: index, UV_DEFAULT_INDEX: index, PIP_CONFIG_FILE: "/dev/null", UV_NO_CONFIG: "1" };
}
