import type { OutputPoint } from "../../domain/output-parser.ts";
import type { Command } from "../../protocol/types.ts";

/** What a parser is told of the run whose output it gets. */
export interface ParsedRun {
  readonly id: string;
  /** Absent: not known any more. */
  readonly command?: Command;
}

type Found = readonly OutputPoint[];

/** The output of one run, from its beginning to its end. */
export interface Parsing {
  /** Takes in the next bytes, cut anywhere; answers the points of the lines that they complete. */
  feed(chunk: Uint8Array): Found | Promise<Found>;
  /** The output has ended: a last line without newline is whole too. */
  end(): Found | Promise<Found>;
}

/**
 * Finds metrics in what commands print. The points must depend on the bytes alone, not on how they are cut or when they
 * come: after a failure, and by the next engine, an output is read from its beginning again, and what was taken in is
 * recognised by where it ended.
 */
export interface Parser {
  readonly name: string;
  /** It answers at once, never a promise, and so keeps up with any output. */
  readonly immediate: boolean;
  /** Begins with the output of a run, at its first byte. */
  open(run: ParsedRun): Parsing;
}
