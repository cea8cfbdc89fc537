import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import type { LfsPointer } from "../../lfs/lfs-pointer.ts";

export interface MovedFiles {
  readonly bigFiles: number;
  readonly bigFileBytes: number;
}

/** Where a remote keeps big files. */
export interface BigFilePlace {
  /** Brings these into the store, proven and durable. */
  download(pointers: readonly LfsPointer[], options: WorkOptions): Promise<MovedFiles>;
  /** Sends those of these that are not there. `refName`: a reference that they are sent for. */
  upload(pointers: readonly LfsPointer[], refName: string, options: WorkOptions): Promise<MovedFiles>;
}

/** Counts, and tells how far it has come. */
export class MovedCount {
  bigFiles = 0;
  bigFileBytes = 0;
  #bytes = 0;
  readonly #message: string;
  readonly #total: number;
  readonly #options: WorkOptions;

  constructor(message: string, pointers: readonly LfsPointer[], options: WorkOptions) {
    this.#message = message;
    this.#total = pointers.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#options = options;
  }

  /** Bytes that have been moved, or need not be. */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#options.progress?.({ message: this.#message, done: this.#bytes, total: this.#total });
  }

  moved(pointer: LfsPointer): void {
    this.bigFiles++;
    this.bigFileBytes += pointer.bytes;
  }

  get result(): MovedFiles {
    return { bigFiles: this.bigFiles, bigFileBytes: this.bigFileBytes };
  }
}
