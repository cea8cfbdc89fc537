export interface LfsPointer {
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

const CANONICAL =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:([0-9a-f]{64})\nsize (0|[1-9]\d{0,15})\n$/;
const SHORTEST = 127;
const LONGEST = 142;
/** Git-lfs itself takes nothing longer for a pointer. */
const LENIENT_LIMIT = 1024;

export function encodePointer({ sha256, bytes }: LfsPointer): Buffer {
  return Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes}\n`);
}

/** True for the only sizes a pointer can have. */
export function canBePointer(size: number): boolean {
  return size >= SHORTEST && size <= LONGEST;
}

/** The pointer a blob is, if it is one. The text has exactly one valid form. */
export function parsePointer(blob: Uint8Array): LfsPointer | undefined {
  if (!canBePointer(blob.length)) return undefined;
  const match = CANONICAL.exec(Buffer.from(blob).toString("latin1"));
  return match?.[1] ? { sha256: match[1], bytes: Number(match[2]) } : undefined;
}

/** True for a user's own file that some git-lfs would take for a pointer: it must not be stored as a plain blob. */
export function looksLikePointer(content: Uint8Array): boolean {
  if (content.length > LENIENT_LIMIT) return false;
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("latin1");
  return /^\s*version\s+http/.test(text) && text.includes("oid ");
}
