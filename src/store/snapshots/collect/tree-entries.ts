import { DamagedObject } from "../objects/damaged-object.ts";
import { EMPTY_TREE, toHex } from "../objects/object-id.ts";
import type { ObjectReader } from "../objects/object-reader.ts";

export interface RawEntry {
  readonly isTree: boolean;
  readonly isLink: boolean;
  readonly name: Buffer;
  readonly id: string;
  /** Where it begins and ends in the tree object. */
  readonly start: number;
  readonly end: number;
}

const SPACE = 0x20;

/**
 * Entries of a tree as they are, whatever their names: what counts here is what they keep. Submodules, which keep
 * nothing in this store, are left out. Throws `DamagedObject`.
 */
export async function rawEntries(
  reader: ObjectReader,
  id: string,
): Promise<{ body: Buffer; entries: RawEntry[] }> {
  if (id === EMPTY_TREE) return { body: Buffer.alloc(0), entries: [] };
  const body = await reader.readAs(id, "tree");
  const entries: RawEntry[] = [];
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(SPACE, at);
    const zero = body.indexOf(0, space + 1);
    const end = zero + 21;
    if (space < 0 || zero < 0 || end > body.length) throw new DamagedObject(id, "cannot be read");
    const mode = body.toString("latin1", at, space);
    const isTree = mode === "40000" || mode === "040000";
    if (mode !== "160000") {
      const name = body.subarray(space + 1, zero);
      const isLink = mode === "120000";
      entries.push({ isTree, isLink, name, id: toHex(body.subarray(zero + 1, end)), start: at, end });
    }
    at = end;
  }
  return { body, entries };
}
