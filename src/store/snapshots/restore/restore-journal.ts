import { dirname } from "node:path";
import type { RestoreRequest } from "../../../services/ports/snapshots.ts";
import { writeAtomic } from "../files/atomic-write.ts";
import { type FileSystem, readIfThere, removeIfThere, syncFolderNow } from "../files/file-system.ts";

/** Which restore is under way. */
export type RestoreMark = Pick<RestoreRequest, "targetTree" | "heldTree" | "targetId" | "heldId">;

/** `datmo/restore.json`: there from before the first change of a restore until after the last. */
export class RestoreJournal {
  readonly #fs: FileSystem;
  readonly #path: string;

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#path = path;
  }

  read(): RestoreMark | undefined {
    const text = readIfThere(this.#fs, this.#path);
    return text ? (JSON.parse(text.toString("utf8")) as RestoreMark) : undefined;
  }

  async write({ targetTree, heldTree, targetId, heldId }: RestoreMark): Promise<void> {
    const text = `${JSON.stringify({ v: 1, targetId, targetTree, heldId, heldTree })}\n`;
    await writeAtomic(this.#fs, this.#path, [Buffer.from(text)]);
  }

  clear(): void {
    if (removeIfThere(this.#fs, this.#path)) syncFolderNow(this.#fs, dirname(this.#path));
  }
}
