import { randomBytes } from "node:crypto";
import { promises } from "node:fs";

/** More calls at once than this and isomorphic-git runs out of file descriptors. */
const IN_FLIGHT = 64;

type Call = (...args: never[]) => Promise<unknown>;

/**
 * The file system that isomorphic-git is given, never the plain one: files appear under their final name only
 * when complete (it writes straight to the final name and never repairs what a kill left), and the number of
 * calls at a time is bounded.
 */
export function safeFs(): { promises: Record<string, Call> } {
  const limit = limiter(IN_FLIGHT);
  const names = [
    "readFile",
    "readdir",
    "mkdir",
    "rmdir",
    "stat",
    "lstat",
    "readlink",
    "symlink",
    "unlink",
    "chmod",
    "rename",
  ] as const;
  const wrapped: Record<string, Call> = {};
  for (const name of names) {
    const call = promises[name] as unknown as Call;
    wrapped[name] = (...args) => limit(() => call(...args));
  }
  wrapped["writeFile"] = (path: string, data: string | Uint8Array, options?: object) =>
    limit(() => writeWhole(path, data, options));
  return { promises: wrapped };
}

async function writeWhole(path: string, data: string | Uint8Array, options?: object): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.lock`;
  try {
    await promises.writeFile(temporary, data, { ...options, flag: "wx", flush: true });
    await promises.rename(temporary, path);
  } catch (error) {
    await promises.unlink(temporary).catch(() => {});
    throw error;
  }
}

function limiter(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resume) => waiting.push(resume));
    running++;
    try {
      return await work();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}
