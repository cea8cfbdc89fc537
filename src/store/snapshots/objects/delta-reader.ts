import { safeFs } from "../files/safe-fs.ts";
import { DamagedObject } from "./damaged-object.ts";
import type { ObjectType } from "./object-id.ts";
import type { GitObject, ReadDelta } from "./object-reader.ts";

/** Reads deltas through isomorphic-git, which is loaded when the first one is met: only a repacking git makes them. */
export function deltaReader(gitDirectory: string): ReadDelta {
  // Holds whole packs, so that each is loaded and verified once.
  let cache: object = {};
  return async (id): Promise<GitObject> => {
    const { readObject } = await import("isomorphic-git");
    try {
      const options = { fs: safeFs() as never, gitdir: gitDirectory, oid: id, cache };
      const { type, object } = await readObject({ ...options, format: "content" });
      return { type: type as ObjectType, body: Buffer.from(object as Uint8Array) };
    } catch (error) {
      // It may go on showing a pack that has gone.
      cache = {};
      throw new DamagedObject(id, `cannot be read: ${(error as Error).message}`);
    }
  };
}
