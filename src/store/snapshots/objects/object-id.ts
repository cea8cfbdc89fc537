import { createHash } from "node:crypto";

export type ObjectType = "commit" | "tree" | "blob" | "tag";

/** Id of the tree without entries. */
export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Id of a git object: SHA-1 over `<type> <length>\0` and its content. */
export function hashObject(type: ObjectType, body: Uint8Array): Buffer {
  return createHash("sha1").update(`${type} ${body.length}\0`).update(body).digest();
}

export function toHex(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("hex");
}

export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
