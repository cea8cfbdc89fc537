/** A file, or a part of one, of an archive. */
export interface ArchivedFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly more?: boolean;
  readonly executable?: boolean;
}

const BLOCK = 512;

/**
 * Regular files of a tar archive (GNU and ustar), from a place on and up to an amount of content; `next`: where to go
 * on. A place within a file is told as `block:offset` in one number: archives are read whole, so the place counts bytes
 * of the archive.
 */
export function readFiles(
  archive: Uint8Array,
  from: number,
  most: number,
): { readonly files: ArchivedFile[]; readonly next?: number } {
  const files: ArchivedFile[] = [];
  let taken = 0;
  for (const entry of entriesOf(archive)) {
    const end = entry.start + entry.size;
    // An empty file has no byte to begin with: its header stands for it.
    if (Math.max(end, entry.start + 1) <= from) continue;
    const start = Math.max(entry.start, from);
    if (taken >= most) return { files, next: start };
    const content = archive.subarray(start, Math.min(end, start + most - taken));
    const { path, executable } = entry;
    files.push({
      path,
      content,
      ...(start > entry.start ? { more: true } : {}),
      ...(executable ? { executable } : {}),
    });
    taken += content.length;
    if (start + content.length < end) return { files, next: start + content.length };
  }
  return { files };
}

interface Entry {
  readonly path: string;
  readonly start: number;
  readonly size: number;
  readonly executable: boolean;
}

function* entriesOf(archive: Uint8Array): Generator<Entry> {
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
    const field = (offset: number, length: number): string => {
      const bytes = archive.subarray(at + offset, at + offset + length);
      const end = bytes.indexOf(0);
      return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
    };
    const size = sizeOf(archive.subarray(at + 124, at + 136));
    const start = at + BLOCK;
    const kind = field(156, 1);
    if (kind === "L") {
      longName = new TextDecoder().decode(archive.subarray(start, start + size)).replace(/\0+$/, "");
    } else {
      const prefix = field(257, 5) === "ustar" && field(263, 2) === "00" ? field(345, 155) : "";
      const name = longName ?? (prefix ? `${prefix}/${field(0, 100)}` : field(0, 100));
      longName = undefined;
      const executable = (Number.parseInt(field(100, 8), 8) & 0o100) !== 0;
      if (kind === "0" || kind === "") yield { path: name.replace(/^\.\//, ""), start, size, executable };
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** Octal, or binary for what is larger than octal holds. */
function sizeOf(bytes: Uint8Array): number {
  if (((bytes[0] ?? 0) & 0x80) === 0) return Number.parseInt(new TextDecoder().decode(bytes), 8) || 0;
  return bytes.subarray(4).reduce((sum, byte) => sum * 256 + byte, 0);
}
