import { realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";

/** With links resolved; of what does not exist yet, the part that does. */
export async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ELOOP") return path;
    const parent = dirname(path);
    if (parent === path || (code !== "ENOENT" && code !== "ENOTDIR")) return path;
    return join(await realOf(parent), path.slice(parent.length + (parent.endsWith(sep) ? 0 : 1)));
  }
}

/** Whether a path is another one or below it. Both absolute, in one spelling. */
export function isWithin(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`);
}
