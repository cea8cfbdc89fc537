import { join } from "node:path";
import { executableAt, programFolder } from "../../../util/executables.ts";

/** The interpreter of the environment in a folder; undefined when there is none. */
export function pythonIn(prefix: string): string | undefined {
  return (
    executableAt(join(programFolder(prefix), "python")) ??
    executableAt(join(programFolder(prefix), "python3")) ??
    // Conda on Windows keeps the interpreter beside its folders.
    (process.platform === "win32" ? executableAt(join(prefix, "python")) : undefined)
  );
}
