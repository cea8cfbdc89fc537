import type { PointColumns } from "../../services/ports/series.ts";
import type { ChunkSource } from "./chunk.ts";
import { POINT_BYTES, PointBuffer } from "./point-buffer.ts";
import type { SeriesNames } from "./series-names.ts";

/** Points that are written as one chunk, and so are there all or not at all. */
export class Batch {
  readonly points: PointBuffer;
  /** Takes more points: nobody has begun to write it. */
  open: boolean;
  /** How often it was written again because a disk could not say that it had kept it. */
  rewrites = 0;
  readonly source: ChunkSource;
  #settle!: { resolve: () => void; reject: (error: unknown) => void };
  #done!: Promise<void>;

  constructor(source: ChunkSource, points = new PointBuffer(), open = true) {
    this.source = source;
    this.points = points;
    this.open = open;
    this.renew();
  }

  /** Settled when the points are written, or given up. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Memory of the points, bytes. */
  get bytes(): number {
    return this.points.step.length * POINT_BYTES;
  }

  /** Adds points; they take the next positions of the source. `stored`: what the series of a name is called. */
  add(columns: PointColumns, names: SeriesNames, stored: (name: string) => string): void {
    const { name, step, value, at } = columns;
    const n = name.length;
    const { points } = this;
    points.reserve(n);
    let known = "";
    let series = -1;
    for (let i = 0, to = points.length; i < n; i++, to++) {
      if (series < 0 || name[i] !== known) {
        known = name[i]!;
        series = names.numberOf(stored(known));
      }
      points.series[to] = series;
      points.step[to] = step[i]! + 0;
      points.value[to] = value[i]!;
      points.at[to] = at[i]!;
    }
    points.length += n;
  }

  /** Moves the end of the source's stretch. */
  extendTo(to: number): void {
    this.source.to = to;
  }

  succeed(): void {
    this.#settle.resolve();
  }

  fail(error: unknown): void {
    this.#settle.reject(error);
  }

  /** A new `done`, for another round. */
  renew(): void {
    this.#done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever waits sees the error; a batch without anybody waiting must not end the process.
    this.#done.catch(() => undefined);
  }
}
