import type { RefUpdate, RemoteRef } from "../../../services/ports/sharing.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import type { ObjectSource } from "./intake/object-source.ts";

/** What a push came to, reference by reference. */
export interface SentRefs {
  readonly objects: number;
  readonly accepted: readonly string[];
  readonly refused: readonly RefusedRef[];
}

export interface RefusedRef {
  readonly name: string;
  readonly reason: string;
  /** The remote has another commit there than was expected. */
  readonly changed: boolean;
}

/** One remote, reached in one way. */
export interface RemoteLink {
  /** References under `refs/datmo/`. */
  list(options: WorkOptions): Promise<RemoteRef[]>;
  /**
   * Brings the objects that `refs` need and `have` does not reach to where `take` can read them. What it reads may
   * be anything. They are gone when this resolves.
   */
  receive(
    refs: readonly RemoteRef[],
    have: readonly RemoteRef[],
    take: (source: ObjectSource) => Promise<void>,
    options: WorkOptions,
  ): Promise<void>;
  send(updates: readonly RefUpdate[], options: WorkOptions): Promise<SentRefs>;
}
