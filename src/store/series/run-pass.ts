import { join } from "node:path";
import type { Chunk } from "./chunk.ts";
import { Coverage, type Stretches } from "./coverage.ts";
import { listRun, type RunListing, sameFiles, sameImages } from "./run-folder.ts";
import type { SealedFile } from "./sealed-file.ts";
import { closeImages, imagesThatCount, openImages } from "./sealed-images.ts";
import { errorCode, OPEN_READ, type SeriesFs } from "./series-fs.ts";
import { type ScanProblem, SeriesScan } from "./series-scan.ts";

/** Takes in what a pass over a run's files finds. */
export interface RunSink {
  /** A sealed file, before all chunks. It is open until the answer. */
  sealed(file: SealedFile): Promise<void>;
  /** `fresh`: pairs [first, past) of the points that were not seen before. Columns are good only until the answer. */
  chunk(chunk: Chunk, fresh: Stretches, file: ChunkFile): void;
}

export interface ChunkFile {
  /** Names of the series by the numbers that the file gives them. */
  readonly names: readonly string[];
  readonly writer: string;
}

export interface PassOptions<S extends RunSink> {
  readonly fs: SeriesFs;
  /** The run's series folder. */
  readonly folder: string;
  /** Makes an empty sink; called again when the files were sealed while they were read. */
  readonly sink: () => S;
  readonly onProblem: (file: string, problem: ScanProblem) => void;
}

/**
 * Reads a run's files, each point once, whatever other engines do to them meanwhile. A pass that is kept reads
 * only what is new when it is refreshed.
 */
export class RunPass<S extends RunSink> {
  readonly #options: PassOptions<S>;
  #state: PassState<S>;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PassOptions<S>) {
    this.#options = options;
    this.#state = newState(options.sink());
  }

  /** Sources taken in, as of the last refresh. */
  get coverage(): Coverage {
    return this.#state.coverage;
  }

  get sink(): S {
    return this.#state.sink;
  }

  /** Takes in everything written before the call. */
  refresh(): Promise<S> {
    const work = this.#turn.then(() => this.#refreshInTurn());
    this.#turn = work.catch(() => undefined);
    return work;
  }

  async #refreshInTurn(): Promise<S> {
    const { fs, folder } = this.#options;
    for (;;) {
      const before = await listRun(fs, folder);
      if (!this.#continues(before)) this.#state = newState(this.#options.sink());
      try {
        await this.#read(before);
        if (sameFiles(before, await listRun(fs, folder))) return this.#state.sink;
      } catch (error) {
        this.#state = newState(this.#options.sink());
        if (errorCode(error) !== "ENOENT") throw error;
      }
      // Somebody sealed the run meanwhile: that does not happen often, and each time ends with fewer files.
      this.#state = newState(this.#options.sink());
    }
  }

  /** True when what was read before is all still there. */
  #continues(listing: RunListing): boolean {
    const { images, scans } = this.#state;
    const names = new Set(listing.series.map((file) => file.name));
    return (
      (images === undefined ? scans.size === 0 : sameImages(images, listing)) &&
      [...scans.keys()].every((name) => names.has(name))
    );
  }

  async #read(listing: RunListing): Promise<void> {
    const state = this.#state;
    const { fs, folder } = this.#options;
    if (state.images === undefined) {
      state.images = listing;
      if (listing.sealed.length + listing.shared.length > 0) await this.#readSealed(state, listing);
    }
    for (const { name, writer } of listing.series) {
      const scan = state.scans.get(name) ?? new SeriesScan();
      state.scans.set(name, scan);
      const file = await fs.open(join(folder, name), OPEN_READ);
      try {
        await scan.advance(fs, file, (chunk) => {
          const fresh = state.coverage.take(chunk.source, chunk.count);
          state.sink.chunk(chunk, fresh, { names: scan.names, writer });
        });
      } finally {
        await fs.close(file);
      }
      if (scan.problem) this.#options.onProblem(name, scan.problem);
    }
  }

  async #readSealed(state: PassState<S>, listing: RunListing): Promise<void> {
    const { fs, folder, onProblem } = this.#options;
    const images = await openImages(fs, folder, listing, onProblem);
    try {
      for (const { name, file } of imagesThatCount(images)) {
        state.coverage.addAll(file.index.coverage);
        await state.sink.sealed(file);
        if (file.damage !== undefined)
          onProblem(name, { kind: "damaged", offset: file.damage, salvageable: 0 });
      }
    } finally {
      await closeImages(images);
    }
  }
}

interface PassState<S> {
  /** Names the sealed files that were read; undefined before the first pass. */
  images: RunListing | undefined;
  readonly scans: Map<string, SeriesScan>;
  readonly coverage: Coverage;
  readonly sink: S;
}

function newState<S>(sink: S): PassState<S> {
  return { images: undefined, scans: new Map(), coverage: new Coverage(), sink };
}
