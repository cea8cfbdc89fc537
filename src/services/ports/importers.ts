import type { ImportedFacts, ImportedFile } from "../../protocol/types.ts";
import type { PointColumns } from "./series.ts";

export type { ImportedFacts, ImportedFile };

/** Reads what another tool has written. Built-in ones and those of plugins are the same to whoever imports. */
export interface Importer {
  readonly name: string;
  /** Whether this is something that it reads; a look at names and first bytes. Never rejects. */
  detect(path: string): Promise<boolean>;
  /**
   * Everything there is, from the beginning, in pieces that fit into memory. Whoever iterates may stop at any time.
   * What is damaged is told as a problem and left out; throws IMPORT_SOURCE_INVALID when nothing can be read.
   */
  pages(path: string, signal: AbortSignal): AsyncIterable<readonly ImportPiece[]>;
}

/** A part of what is known of one run. Pieces of one run follow each other. */
export interface ImportPiece {
  /** Key of the run, unique within its identity. Absent: what is told is about no run. */
  readonly run?: string;
  /** What makes the key unique in the world, such as a project. Absent: the key is. */
  readonly identity?: string;
  /** What is told later replaces what was told before. */
  readonly facts?: ImportedFacts;
  readonly points?: readonly ImportedStretch[];
  readonly files?: readonly ImportedFile[];
  /** `from`: where it begins in all that was printed, bytes of UTF-8. */
  readonly output?: { readonly from: number; readonly text: string };
  /** A sentence each. */
  readonly problems?: readonly string[];
}

/** Points that follow each other in a stream: a file of points, or one metric. */
export interface ImportedStretch {
  readonly stream: string;
  /** Place of the first point in the stream; each point takes one. */
  readonly from: number;
  readonly points: PointColumns;
  /** Of the machine, not logged by the run. */
  readonly system?: boolean;
}
