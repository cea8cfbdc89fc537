import { createHash, randomBytes } from "node:crypto";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const ID_LENGTH = 26;

/** A fresh id of a run or snapshot: 26 base32 characters, 130 random bits. */
export function randomId(): string {
  return base32(randomBytes(17));
}

/** The id of an environment or task: the first 130 bits of the SHA-256 of its canonical definition. */
export function contentId(canonical: string): string {
  return base32(createHash("sha256").update(canonical).digest());
}

/** True for a complete id. */
export function isId(text: string): boolean {
  return /^[a-z2-7]{26}$/.test(text);
}

function base32(bytes: Uint8Array): string {
  let out = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5 && out.length < ID_LENGTH) {
      out += ALPHABET[(buffer >> (bits - 5)) & 31];
      bits -= 5;
    }
  }
  return out;
}
