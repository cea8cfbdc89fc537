import { join } from "node:path";
import { errorCode, type Files } from "./files.ts";
import { Image } from "./image.ts";
import { BadImage } from "./image-file.ts";
import { snapshotFile, snapshotNumbers } from "./layout.ts";
import { reasonOf } from "./problems.ts";

/** Numbers of the snapshots that are there, newest first. */
export function listSnapshots(files: Files, directory: string): number[] {
  return snapshotNumbers(files.namesSync(join(directory, "snap")));
}

export interface LoadedSnapshot {
  /** Absent: there is no snapshot, or none can be read. */
  readonly image: Image | undefined;
  /** Number of the one that was loaded, 0 when none was. */
  readonly generation: number;
  /** Newer snapshots that are there and cannot be read, with what is wrong. */
  readonly bad: ReadonlyMap<number, string>;
}

/** Opens the newest snapshot that can be read. */
export async function loadNewest(files: Files, directory: string): Promise<LoadedSnapshot> {
  for (let attempt = 0; ; attempt++) {
    const numbers = listSnapshots(files, directory);
    const bad = new Map<number, string>();
    let gone = false;
    for (const number of numbers) {
      try {
        const image = await Image.open(files.readFile(join(directory, "snap", snapshotFile(number))));
        return { image, generation: number, bad };
      } catch (error) {
        // Gone since it was listed: others have made newer ones.
        gone = errorCode(error) === "ENOENT" && attempt < 5;
        if (gone) break;
        if (!(error instanceof BadImage) && !UNREADABLE.includes(errorCode(error))) throw error;
        bad.set(number, reasonOf(error));
      }
    }
    if (!gone) return { image: undefined, generation: 0, bad };
  }
}

const UNREADABLE = ["EIO", "EACCES", "EPERM", "EISDIR", "ENOENT", "EBADMSG", "EUCLEAN"];
