import { isContent, RACY } from "./entry-kind.ts";
import type { Folder } from "./folder.ts";

/** Marks what the store does not have any more: files to be read again, folders whose trees must be built again. */
export function forgetLost(folder: Folder, has: (id: string) => boolean): void {
  const { table, start, names } = folder;
  for (let i = start; i < start + names.length; i++) {
    const flags = table.flags[i] ?? 0;
    if (isContent(flags) && !has(table.id(i))) table.flags[i] = flags | RACY;
  }
  if (folder.tree && !has(folder.tree)) folder.dirty = true;
  for (const below of folder.folders) forgetLost(below, has);
}
