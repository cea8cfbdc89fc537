import { join } from "node:path";
import type { Coverage } from "./coverage.ts";
import { type RunListing, sealedName } from "./run-folder.ts";
import { NewerFormat, SealedFile } from "./sealed-file.ts";
import type { SeriesFs } from "./series-fs.ts";
import type { ScanProblem } from "./series-scan.ts";

/*
 * A run's sealed files: the newest that was sealed here, and those that came from other copies of the project.
 * Each tells which positions of which sources it covers. The files that count are disjoint; one whose positions
 * another one has as well does not count.
 */

export interface SealedImage {
  readonly name: string;
  readonly file: SealedFile;
}

/** Opens a run's sealed files; those of a later format are told and left out. Throws what the system says. */
export async function openImages(
  fs: SeriesFs,
  folder: string,
  listing: RunListing,
  onProblem: (file: string, problem: ScanProblem) => void,
): Promise<SealedImage[]> {
  const [newest] = listing.sealed;
  const images: SealedImage[] = [];
  try {
    for (const name of [...(newest === undefined ? [] : [sealedName(newest)]), ...listing.shared]) {
      try {
        images.push({ name, file: await SealedFile.open(fs, join(folder, name)) });
      } catch (error) {
        if (!(error instanceof NewerFormat)) throw error;
        onProblem(name, { kind: "newer", version: error.version });
      }
    }
    return images;
  } catch (error) {
    await closeImages(images);
    throw error;
  }
}

export async function closeImages(images: readonly SealedImage[]): Promise<void> {
  for (const { file } of images) await file.close();
}

/** Without those whose points are all in another one. */
export function imagesThatCount(images: readonly SealedImage[]): SealedImage[] {
  if (images.length < 2) return [...images];
  return images.filter((image, i) => {
    if (image.file.damage !== undefined) return true;
    const mine = image.file.index.coverage;
    return !images.some((other, o) => {
      if (o === i || other.file.damage !== undefined) return false;
      const theirs = other.file.index.coverage;
      // Of two that are equal the first one counts.
      return isWithin(mine, theirs) && (o < i || !isWithin(theirs, mine));
    });
  });
}

/** True when every position of `inner` is one of `outer`. */
export function isWithin(inner: Coverage, outer: Coverage): boolean {
  return inner.without(outer).isEmpty;
}
