import type { HashBatch } from "../capture/hash-batch.ts";
import type { WriteBatch } from "../restore/write-batch.ts";

/** What a worker must know before its first batch of a piece of work. */
export interface WorkerContext {
  readonly gitDirectory: string;
  readonly packs: readonly {
    readonly retired?: boolean;
    readonly name: string;
    readonly bytes: number;
    readonly index: SharedArrayBuffer;
  }[];
  readonly now: number;
  readonly window: number;
  readonly sha256: boolean;
}

export type WorkerRequest =
  | { readonly kind: "context"; readonly context: WorkerContext }
  | { readonly kind: "hash"; readonly sequence: number; readonly batch: HashBatch }
  | { readonly kind: "write"; readonly sequence: number; readonly batch: WriteBatch };

/** An error as it crosses threads. */
export interface WorkerFailure {
  readonly message: string;
  readonly code?: string;
  readonly path?: string;
  /** Set for a damaged object. */
  readonly objectId?: string;
  readonly problem?: string;
}

export interface WorkerReply {
  readonly sequence: number;
  readonly result?: unknown;
  readonly failure?: WorkerFailure;
}
