import { join } from "node:path";
import { errorCode, type Files } from "./files.ts";
import { collectedGeneration, parseSegmentFile, type SegmentName, segmentFile } from "./layout.ts";
import type { Transaction } from "./payload.ts";
import { readSegment, type SegmentRead } from "./segment-reader.ts";

/**
 * How far one writer's segments were taken in: those with a lower number whole, of this one everything before
 * `offset`. A clean end moves on to the next number although no such file will come.
 */
export interface Position {
  readonly segment: number;
  readonly offset: number;
  readonly sequence: number;
}

export type Vector = Map<string, Position>;

/** A segment, or a part of one, that was passed over. Kept with the snapshots until the file reads well. */
export interface Damage {
  readonly kind: "JOURNAL_DAMAGED" | "JOURNAL_GAP";
  readonly file: string;
  readonly offset: number;
  readonly salvageable: number;
}

/** What one pass over `seg/` met. */
export interface JournalPass {
  /** Snapshots from this one on hold what files that are gone held. */
  readonly collected: number;
  /** Highest later format version met. */
  readonly newer: number | undefined;
  /** Files that should be there: gone because a newer snapshot holds them, or missing. */
  readonly missing: readonly string[];
  /** Segments that were taken in whole and are still there. */
  readonly finished: number;
  /** Bytes and transactions read in this pass. */
  readonly bytes: number;
  readonly transactions: number;
}

/** Follows every writer's segments. Holds what was read, so that the next pass goes on from there. */
export class JournalReader {
  readonly vector: Vector;
  /** By file name. */
  readonly damage = new Map<string, Damage>();
  readonly #files: Files;
  readonly #folder: string;
  /** Size of each last segment when it was read: nothing new, nothing to do. */
  readonly #sizes = new Map<string, number>();
  readonly #suspects = new Map<string, number>();
  readonly #patient: boolean;
  #healed = false;

  /** `patient`: bytes may show in any order (network drives), so damage counts when it is met twice. */
  constructor(
    files: Files,
    directory: string,
    vector: Vector = new Map(),
    damage: readonly Damage[] = [],
    patient = false,
  ) {
    this.#files = files;
    this.#folder = join(directory, "seg");
    this.vector = vector;
    for (const entry of damage) this.damage.set(entry.file, entry);
    this.#patient = patient;
  }

  /** Reads what is new. Yields each transaction with its writer. */
  *pass(): Generator<{ readonly transaction: Transaction; readonly writer: string }, JournalPass> {
    const names = this.#files.namesSync(this.#folder);
    const result = {
      collected: collectedGeneration(names),
      newer: undefined as number | undefined,
      missing: [] as string[],
      finished: 0,
      bytes: 0,
      transactions: 0,
    };
    if (!this.#healed) yield* this.#heal();
    this.#healed = true;
    for (const [writer, segments] of byWriter(names)) {
      for (const [index, segment] of segments.entries()) {
        const position = this.vector.get(writer) ?? START;
        if (segment.number < position.segment) {
          result.finished += 1;
          continue;
        }
        if (segment.number > position.segment) this.#missed(writer, position, segment, result.missing);
        const last = index === segments.length - 1;
        if (last && this.#unchanged(segment)) continue;
        for (const transaction of this.#read(segment, last, result)) {
          result.transactions += 1;
          yield { transaction, writer };
        }
      }
    }
    return result;
  }

  /** Notes files for missing: no snapshot that is there holds them. */
  passOver(missing: readonly string[]): void {
    for (const file of missing) {
      this.damage.set(file, { kind: "JOURNAL_GAP", file, offset: 0, salvageable: 0 });
    }
  }

  /** Passes over a file that is not there. */
  #missed(writer: string, position: Position, next: SegmentName, missing: string[]): void {
    missing.push(segmentFile(writer, position.segment));
    this.vector.set(writer, { segment: next.number, offset: 0, sequence: 0 });
  }

  #unchanged(segment: SegmentName): boolean {
    const known = this.#sizes.get(segment.file);
    if (known === undefined) return false;
    return this.#files.statSync(join(this.#folder, segment.file))?.size === known;
  }

  *#read(
    segment: SegmentName,
    last: boolean,
    result: { newer: number | undefined; missing: string[]; finished: number; bytes: number },
  ): Generator<Transaction, void> {
    const { writer, number, file } = segment;
    const from = this.vector.get(writer) ?? START;
    const read = yield* this.#readable(segment, from);
    if (read === undefined) {
      result.missing.push(segmentFile(writer, number));
      return;
    }
    result.bytes += Math.max(0, read.offset - from.offset);
    const done = read.state === "sealed" || (!last && read.state !== "newer");
    if (done) {
      this.#sizes.delete(file);
      result.finished += 1;
      this.vector.set(writer, { segment: number + 1, offset: 0, sequence: 0 });
    } else {
      // Over a network the size may show before the bytes do.
      if (!(this.#patient && read.state === "torn")) this.#sizes.set(file, read.size);
      this.vector.set(writer, { segment: number, offset: read.offset, sequence: read.sequence });
    }
    if (read.state === "newer") result.newer = Math.max(result.newer ?? 0, read.version ?? 0);
    this.#judge(file, read);
  }

  /** A disk error in the middle of a file is damage like any other: the rest of the project is still read. */
  *#readable(segment: SegmentName, from: Position): Generator<Transaction, SegmentRead | undefined> {
    try {
      return yield* readSegment(this.#files, this.#folder, segment, from);
    } catch (error) {
      if (!UNREADABLE.includes(errorCode(error))) throw error;
      return { ...from, size: -1, state: "damaged", salvageable: 0, undecodable: 0 };
    }
  }

  #judge(file: string, read: SegmentRead): void {
    const name = file.replace(/\.ret$/, "");
    const bad = read.state === "damaged" || read.undecodable > 0;
    if (!bad) {
      this.#suspects.delete(name);
      return;
    }
    if (this.#patient && this.#suspects.get(name) !== read.offset) {
      this.#suspects.set(name, read.offset);
      this.#sizes.delete(file);
      return;
    }
    const { offset, salvageable } = read;
    this.damage.set(name, { kind: "JOURNAL_DAMAGED", file: name, offset, salvageable });
  }

  /** Files that were damaged or missing when an earlier engine passed them may have been repaired since. */
  *#heal(): Generator<{ readonly transaction: Transaction; readonly writer: string }, void> {
    for (const entry of [...this.damage.values()]) {
      const segment = parseSegmentFile(entry.file);
      if (segment === undefined) continue;
      const transactions = this.#readable(segment, START);
      let step = transactions.next();
      for (; !step.done; step = transactions.next()) {
        yield { transaction: step.value, writer: segment.writer };
      }
      const whole = step.value?.state === "end" || step.value?.state === "sealed";
      if (whole && step.value?.undecodable === 0) this.damage.delete(entry.file);
    }
  }
}

const START: Position = { segment: 0, offset: 0, sequence: 0 };
const UNREADABLE = ["EIO", "EACCES", "EPERM", "EISDIR", "EBADMSG", "EUCLEAN"];

/** Segments of each writer in the order they were written; of two names of one segment the first. */
function byWriter(names: readonly string[]): Map<string, SegmentName[]> {
  const writers = new Map<string, SegmentName[]>();
  for (const name of names) {
    const segment = parseSegmentFile(name);
    if (!segment) continue;
    const list = writers.get(segment.writer);
    if (!list) writers.set(segment.writer, [segment]);
    else if (!list.some((other) => other.number === segment.number)) list.push(segment);
  }
  for (const list of writers.values()) list.sort((a, b) => a.number - b.number);
  return writers;
}
