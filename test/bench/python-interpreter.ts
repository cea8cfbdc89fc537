import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

let python: { readonly program: string; readonly environment: NodeJS.ProcessEnv } | undefined;

/** The interpreter itself: what `python3` names may be a script that looks for it. */
export function interpreter(): { readonly program: string; readonly environment: NodeJS.ProcessEnv } {
  if (python) return python;
  const compiled = mkdtempSync(join(tmpdir(), "datmo-bench-"));
  process.once("exit", () => rmSync(compiled, { recursive: true, force: true }));
  const environment = {
    ...process.env,
    PYTHONPATH: resolve("clients/python/src"),
    PYTHONPYCACHEPREFIX: compiled,
    DATMO_ENGINE: resolve("dist/engine.js"),
  };
  Reflect.deleteProperty(environment, "PYTHONDONTWRITEBYTECODE");
  const program = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
  python = { program: program.trim(), environment };
  return python;
}
