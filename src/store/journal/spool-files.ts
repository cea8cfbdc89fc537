import type { Stats } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type HeldFolder, isBareName, openRegularFile, UnusableFile } from "../../util/safe-files.ts";
import type { Report } from "./report.ts";

export interface SpoolFile {
  readonly writer: string;
  readonly path: string;
}

export interface SpoolOptions {
  /** Path of the folder. */
  readonly directory: string;
  readonly runId: string;
  /** Files that are looked at. */
  readonly files: number;
  /** Not the run's own folder: each file must be this user's, and spools of other runs are nothing unusual. */
  readonly foreign: boolean;
  readonly report: Report;
}

const EXTENSION = ".bin";
const HEADER_BYTES = 64;
const MAGIC = "DATMOSPL";

/** Spool files of one run in a folder (`docs/formats.md`). Ones without a header yet are left for later. */
export async function listSpools(folder: HeldFolder, options: SpoolOptions): Promise<SpoolFile[]> {
  if (options.foreign) checkFolder(await folder.stats());
  const names = await folder.names(options.files);
  if (names.length > options.files) options.report("spool", `it holds more than ${options.files} files`);
  const found: SpoolFile[] = [];
  for (const name of names.slice(0, options.files).sort()) {
    if (!name.endsWith(EXTENSION) || !isBareName(name)) continue;
    const usable = await isSpool(folder.at(name), options).catch(
      options.report.unusable(`spool/${name}`, false),
    );
    if (!usable) continue;
    found.push({ writer: name.slice(0, -EXTENSION.length), path: join(options.directory, name) });
  }
  return found;
}

/** Only a folder that nobody else can put files into is believed. */
function checkFolder(stats: Stats): void {
  if (isOfOther(stats)) throw new UnusableFile("it belongs to another user");
  if ((stats.mode & 0o077) !== 0) throw new UnusableFile("others may enter it (its mode must be 0700)");
}

async function isSpool(path: string, options: SpoolOptions): Promise<boolean> {
  const file = await openRegularFile(path);
  if (!file) return false;
  try {
    if (options.foreign && isOfOther(file.stats)) throw new UnusableFile("it belongs to another user");
    const header = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await file.handle.read(header, 0, HEADER_BYTES, 0);
    if (bytesRead < HEADER_BYTES || header.every((byte) => byte === 0)) return false;
    if (header.toString("latin1", 0, 8) !== MAGIC) throw new UnusableFile("it is not a spool file");
    if (header.readUInt32LE(60) !== crc32(header.subarray(0, 60)))
      throw new UnusableFile("its header is damaged");
    if (header.readUInt32LE(8) !== 1) throw new UnusableFile("it has an unknown format version");
    if (header.toString("latin1", 24, 50) === options.runId) return true;
    if (options.foreign) return false;
    throw new UnusableFile("it is of another run");
  } finally {
    await file.handle.close();
  }
}

function isOfOther(stats: Stats): boolean {
  return process.geteuid !== undefined && stats.uid !== process.geteuid();
}
