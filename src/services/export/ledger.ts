import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import { readSmallFile, UnusableFile } from "../../util/safe-files.ts";

/** Lies in every folder that was exported to. */
export const LEDGER_NAME = ".datmo-export.jsonl";
const MOST_BYTES = 256 * 1024 * 1024;

/** Which files of a folder exports wrote, and with which content; `docs/formats.md`. */
export interface Ledger {
  /** Whether an export wrote this content there. */
  isOwn(path: string, sha256: string): boolean;
  wrote(path: string, sha256: string): Promise<void>;
  /** Leaves one line for each file. */
  close(): Promise<void>;
}

export async function openLedger(directory: string, format: string): Promise<Ledger> {
  const file = join(directory, LEDGER_NAME);
  /** Several contents of one file: the last export was cut off between saying and doing. */
  const known = new Map<string, string[]>();
  const before = await readLedger(file);
  for (const { path, sha256 } of linesOf(before)) known.set(path, [...(known.get(path) ?? []), sha256]);
  const last = new Map<string, string>();
  let handle: FileHandle | undefined;

  return {
    isOwn: (path, sha256) => known.get(path)?.includes(sha256) === true,
    async wrote(path, sha256) {
      last.set(path, sha256);
      if (known.get(path)?.at(-1) === sha256) return;
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
      handle ??= await open(file, flags, 0o666);
      await handle.appendFile(`${JSON.stringify({ path, sha256 })}\n`);
      known.set(path, [...(known.get(path) ?? []), sha256]);
    },
    async close() {
      await handle?.close();
      if (!handle) return;
      const lines = [...known].map(([path, contents]) =>
        JSON.stringify({ path, sha256: last.get(path) ?? contents.at(-1) }),
      );
      const text = [JSON.stringify({ v: 1, format }), ...lines, ""].join("\n");
      await writeFileAtomic(file, text, { mode: 0o666, sync: false });
    },
  };
}

async function readLedger(file: string): Promise<string> {
  try {
    return (await readSmallFile(file, MOST_BYTES))?.toString("utf8") ?? "";
  } catch (error) {
    if (error instanceof UnusableFile) throw errors.EXPORT_IN_THE_WAY({ path: file });
    throw error;
  }
}

/** A line that is cut off, or of another version, tells of nothing. */
function linesOf(text: string): { readonly path: string; readonly sha256: string }[] {
  return text.split("\n").flatMap((line) => {
    try {
      const { path, sha256 } = JSON.parse(line) as { path?: unknown; sha256?: unknown };
      return typeof path === "string" && typeof sha256 === "string" ? [{ path, sha256 }] : [];
    } catch {
      return [];
    }
  });
}
