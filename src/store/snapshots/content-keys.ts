import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../util/atomic-file.ts";

/**
 * Which snapshot holds a state, by the state's hash: one small file per snapshot in the git directory's
 * `datmo/keys`. Disposable: without it an equal state is only stored as a second snapshot.
 */
export function openContentKeys(gitDirectory: string): {
  find(key: string): Promise<string | undefined>;
  put(key: string, snapshotId: string): Promise<void>;
  remove(key: string): Promise<void>;
} {
  const directory = join(gitDirectory, "datmo", "keys");
  const fileOf = (key: string): string => join(directory, key.slice(0, 2), key);
  return {
    async find(key) {
      const text = await readFile(fileOf(key), "utf8").catch(() => undefined);
      return text?.trim() || undefined;
    },
    async put(key, snapshotId) {
      await mkdir(join(directory, key.slice(0, 2)), { recursive: true, mode: 0o700 });
      await writeFileAtomic(fileOf(key), `${snapshotId}\n`, { sync: false });
    },
    async remove(key) {
      await rm(fileOf(key), { force: true });
    },
  };
}
