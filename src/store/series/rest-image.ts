import { randomBytes } from "node:crypto";
import { Coverage } from "./coverage.ts";
import { columnsOf } from "./image-check.ts";
import { PointBag } from "./point-bag.ts";
import type { SealedFile } from "./sealed-file.ts";
import type { SealedImage } from "./sealed-images.ts";
import { SealedWriter } from "./sealed-writer.ts";
import { OPEN_NEW_APPEND, type SeriesFs } from "./series-fs.ts";

export interface Rest {
  /** A sealed file with what is left; the given path when nothing overlaps. */
  readonly path: string;
  /** Points in it. */
  readonly points: number;
  /** The file has every point of those that overlap with it. */
  readonly holdsAll: boolean;
}

/**
 * What a sealed file has beyond those that it overlaps with. A sealed file tells which positions it covers, and
 * not which point has which: so points are told apart by what they are.
 */
export async function writeRest(
  fs: SeriesFs,
  path: string,
  { file, overlapping }: { readonly file: SealedFile; readonly overlapping: readonly SealedImage[] },
): Promise<Rest> {
  if (overlapping.length === 0) return { path, points: 0, holdsAll: true };
  const rest = `${path}-rest`;
  const target = await fs.open(rest, OPEN_NEW_APPEND, 0o600);
  try {
    const writer = new SealedWriter(fs, target, randomBytes(16).toString("hex"));
    let points = 0;
    let holdsAll = overlapping.every(({ file: other }) => hasSeriesOf(file, other));
    for (const [number, { name, weak, writers, blocks }] of file.index.series.entries()) {
      const known = new PointBag();
      for (const { file: other } of overlapping) await known.add(other, name, weak);
      const series = writer.numberOf(name, weak);
      for (const id of writers) writer.addWriter(series, id);
      for await (const { step, value, at } of columnsOf(file, number, blocks)) {
        for (let i = 0; i < step.length; i++) {
          if (known.take(step[i]!, value[i]!, at[i]!)) continue;
          writer.add(series, step[i]!, value[i]!, at[i]!);
          writer.summaries.add(series, step[i]!, value[i]!, at[i]!);
          points += 1;
          if (writer.hasFull) await writer.relieve();
        }
      }
      holdsAll = holdsAll && known.isEmpty;
      await writer.relieve();
    }
    const coverage = new Coverage();
    for (const { file: other } of overlapping) coverage.addAll(other.index.coverage);
    await writer.finish(file.index.coverage.without(coverage));
    return { path: rest, points, holdsAll };
  } finally {
    await fs.close(target);
  }
}

/** False when the other has points of a series that the file does not know. */
function hasSeriesOf(file: SealedFile, other: SealedFile): boolean {
  return other.index.series.every(
    ({ name, weak, blocks }) =>
      blocks.length === 0 || file.index.series.some((series) => series.name === name && series.weak === weak),
  );
}
