import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A program that does not listen by then is not going to; its claim is forgotten. */
const CLAIM_MS = 5 * 60_000;

/**
 * Ports that were given out and where nobody listens yet: else two programs that start in the same second are told
 * the same one. Claims of all of the user's engines are files of one folder, `<port>`, that hold whose they are.
 */
export interface PortClaims {
  /** False when another one has it. Where no file can be made, everybody gets everything. */
  claim(port: number, holder: string): Promise<boolean>;
  /** Gives up what a holder has. */
  release(holder: string): Promise<void>;
}

export function createPortClaims(folder: string): PortClaims {
  async function claim(port: number, holder: string, again = true): Promise<boolean> {
    try {
      if (!(await hasFolder())) return true;
      await writeFile(join(folder, String(port)), holder, { flag: "wx", mode: 0o600 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return true;
    }
    if (!again || !(await forgetOld(port))) return false;
    return claim(port, holder, false);
  }

  function hasFolder(): Promise<boolean> {
    return mkdir(folder, { recursive: true, mode: 0o700 }).then(
      () => true,
      () => false,
    );
  }

  /** Whether there is no claim left. */
  async function forgetOld(port: number): Promise<boolean> {
    const path = join(folder, String(port));
    const made = await stat(path).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs < CLAIM_MS) return false;
    await rm(path, { force: true }).catch(() => undefined);
    return true;
  }

  return {
    claim,
    async release(holder) {
      const names = await readdir(folder).catch(() => [] as string[]);
      for (const name of names) {
        const path = join(folder, name);
        const text = await readFile(path, "utf8").catch(() => "");
        if (text === holder) await rm(path, { force: true }).catch(() => undefined);
      }
    },
  };
}
