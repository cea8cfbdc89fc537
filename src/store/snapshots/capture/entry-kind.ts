import type { Stats } from "node:fs";

/* What is known of one name in a folder: a kind in the low four bits, and flags. */

export const FILE = 0;
export const EXECUTABLE = 1;
export const LINK = 2;
export const FOLDER = 3;
/** Left out by a rule; not a folder. */
export const IGNORED = 4;
/** Left out by a rule, with everything below. */
export const IGNORED_FOLDER = 5;
/** Pipe, socket or device. */
export const SPECIAL = 6;
/** Git cannot hold the name. */
export const REFUSED = 7;
/** The system did not let us read it. */
export const UNREADABLE = 8;
/** Vanished while it was looked at. */
export const GONE = 9;

export const KIND = 0x0f;

/** Changed so shortly before it was read that a later change may carry the same times: read it again. */
export const RACY = 0x10;
/** Changed while it was read, and again: what was recorded may be torn. */
export const UNSTABLE = 0x20;
/** Content is in the big-file store, the blob is a pointer. */
export const LARGE = 0x40;
/** A file of ignore rules. */
export const RULES = 0x80;

/** True for what becomes an entry of a tree by itself. */
export function isContent(flags: number): boolean {
  return (flags & KIND) <= LINK;
}

/** Kind of what `lstat` found. */
export function kindOf(facts: Stats): number {
  if (facts.isFile()) return facts.mode & 0o100 ? EXECUTABLE : FILE;
  if (facts.isSymbolicLink()) return LINK;
  return facts.isDirectory() ? FOLDER : SPECIAL;
}
