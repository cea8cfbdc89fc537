import { isAbsolute, relative, sep } from "node:path";
import { findProjectRoot } from "../../util/project-root.ts";
import type { Call } from "../call.ts";

/** Where a command runs: this process's folder relative to the project's root. Undefined: the root, or no project. */
export async function workingDirectory(call: Call): Promise<string | undefined> {
  const root = await findProjectRoot(call.projectDirectory);
  if (root === undefined) return undefined;
  const inside = relative(root, call.host.directory);
  // With --project one may stand anywhere.
  const outside = inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return outside ? undefined : inside.split(sep).join("/");
}
