import { createHash, randomBytes } from "node:crypto";
import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { SeriesImages, SharedImage } from "../../services/ports/sharing.ts";
import { Coverage } from "./coverage.ts";
import { checkFrames, checkImage, ImageRefused, MAX_IMAGE_BYTES, refuseUnless } from "./image-check.ts";
import { writeRest } from "./rest-image.ts";
import { listRun, seriesFolder, sharedName } from "./run-folder.ts";
import { NewerFormat, SealedFile } from "./sealed-file.ts";
import { closeImages, imagesThatCount, isWithin, openImages, type SealedImage } from "./sealed-images.ts";
import {
  OPEN_NEW_APPEND,
  OPEN_READ,
  orMissing,
  readInto,
  type SeriesFs,
  storageError,
  systemFs,
  writeAll,
} from "./series-fs.ts";

export interface SeriesImagesOptions {
  /** The project's `.datmo`. */
  readonly directory: string;
  readonly fs?: SeriesFs;
}

/** Opens the sharing side of a project's series; no file is touched before it is used. */
export function openSeriesImages(options: SeriesImagesOptions): SeriesImages {
  return new FileSeriesImages(options.directory, options.fs ?? systemFs);
}

const COPY_BYTES = 1024 * 1024;
/** Begins the names of files that are being taken in. */
const TAKING_PREFIX = "take-";
const MISNAMED = "it is not what its name says";

class FileSeriesImages implements SeriesImages {
  readonly #directory: string;
  readonly #fs: SeriesFs;

  constructor(directory: string, fs: SeriesFs) {
    this.#directory = directory;
    this.#fs = fs;
  }

  async list(runId: string): Promise<{ images: SharedImage[]; whole: boolean }> {
    const folder = seriesFolder(this.#directory, runId);
    return this.#inWords(folder, async () => {
      const listing = await listRun(this.#fs, folder);
      const open = await openImages(this.#fs, folder, listing, () => undefined);
      try {
        const images: SharedImage[] = [];
        for (const { name, file } of imagesThatCount(open)) {
          if (file.damage !== undefined) continue;
          const path = join(folder, name);
          const known = /^([0-9a-f]{64})\.shared$/.exec(name)?.[1];
          const points = file.index.series.reduce((sum, { summary }) => sum + summary.count, 0);
          images.push({ sha256: known ?? (await this.#sha256(path)), path, points });
        }
        const missing = open.some(({ file }) => file.damage !== undefined);
        return { images, whole: listing.series.length === 0 && !missing };
      } finally {
        await closeImages(open);
      }
    });
  }

  async check(sha256: string, path: string, signal?: AbortSignal): Promise<string | undefined> {
    return this.#inWords(dirname(path), () =>
      refusalIn(async () => {
        const { bytes } = await this.#fs.statPath(path);
        refuseUnless(bytes <= MAX_IMAGE_BYTES, "it is too big");
        refuseUnless((await this.#sha256(path)) === sha256, MISNAMED);
        await this.#proven(path, bytes, async () => undefined, signal);
      }),
    );
  }

  async take(
    runId: string,
    sha256: string,
    path: string,
    signal?: AbortSignal,
  ): Promise<{ points: number; refused?: string }> {
    const folder = seriesFolder(this.#directory, runId);
    return this.#inWords(folder, async () => {
      const there = await orMissing(this.#fs.statPath(join(folder, sharedName(sha256))));
      if (there) return { points: 0 };
      for (const made of [dirname(folder), folder]) await ignoringExisting(this.#fs.makeDirectory(made));
      await this.#sweep(folder);
      const temporary = join(folder, `${TAKING_PREFIX}${Date.now()}-${randomBytes(6).toString("hex")}`);
      try {
        let points = 0;
        const refused = await refusalIn(async () => {
          refuseUnless((await this.#copy(path, temporary, signal)) === sha256, MISNAMED);
          points = await this.#place(folder, temporary, sha256, signal);
        });
        return refused === undefined ? { points } : { points: 0, refused };
      } finally {
        await orMissing(this.#fs.unlink(temporary));
      }
    });
  }

  async marker(runId: string): Promise<string> {
    const facts = await lstat(seriesFolder(this.#directory, runId), { bigint: true }).catch(() => undefined);
    return facts ? `${facts.ino}.${facts.mtimeNs}` : "";
  }

  /** Puts a file that was copied beside the run's own, as far as it has points that these do not have. */
  async #place(folder: string, temporary: string, sha256: string, signal?: AbortSignal): Promise<number> {
    const fs = this.#fs;
    const { bytes } = await fs.statPath(temporary);
    const place = async (file: SealedFile, points: number): Promise<number> => {
      const listing = await listRun(fs, folder);
      const own = await openImages(fs, folder, listing, () => undefined);
      try {
        const counting = imagesThatCount(own);
        const relation = relate(file, counting);
        if (relation.known) return 0;
        // A file that has all of another's positions and more must have all of its points.
        const rest = await writeRest(fs, temporary, { file, overlapping: relation.overlapping });
        const replaced = relation.within ? relation.overlapping : [];
        if (relation.within && !rest.holdsAll)
          throw new ImageRefused("points are missing that it says it has");
        const kept = relation.within ? temporary : rest.path;
        const name = sharedName(kept === temporary ? sha256 : await this.#sha256(kept));
        await fs.rename(kept, join(folder, name));
        await fs.syncDirectory(folder);
        await fs.syncDirectory(dirname(folder));
        for (const { name: old } of replaced) await orMissing(fs.unlink(join(folder, old)));
        return relation.overlapping.length > 0 ? rest.points : points;
      } finally {
        await orMissing(fs.unlink(restPath(temporary)));
        await closeImages(own);
      }
    };
    return this.#proven(temporary, bytes, place, signal);
  }

  /** Does something with a sealed file that is whole and says of itself what is true. Throws `ImageRefused`. */
  async #proven<T>(
    path: string,
    bytes: number,
    use: (file: SealedFile, points: number) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const file = await SealedFile.open(this.#fs, path);
    try {
      const points = await checkImage(file, bytes, signal);
      await checkFrames(this.#fs, path, file.index, signal);
      return await use(file, points);
    } finally {
      await file.close();
    }
  }

  async #copy(from: string, to: string, signal?: AbortSignal): Promise<string> {
    const fs = this.#fs;
    const source = await fs.open(from, OPEN_READ);
    const digest = createHash("sha256");
    try {
      const { bytes, isFile } = await fs.stat(source);
      if (!isFile || bytes > MAX_IMAGE_BYTES) throw new ImageRefused("it is too big");
      const target = await fs.open(to, OPEN_NEW_APPEND, 0o600);
      try {
        const buffer = Buffer.allocUnsafe(COPY_BYTES);
        for (let at = 0; ; ) {
          signal?.throwIfAborted();
          const got = await readInto(fs, source, buffer, buffer.length, at);
          if (got === 0) break;
          digest.update(buffer.subarray(0, got));
          await writeAll(fs, target, buffer.subarray(0, got));
          at += got;
        }
        await fs.sync(target);
      } finally {
        await fs.close(target);
      }
    } finally {
      await fs.close(source);
    }
    return digest.digest("hex");
  }

  async #sha256(path: string): Promise<string> {
    const file = await this.#fs.open(path, OPEN_READ);
    try {
      const digest = createHash("sha256");
      const buffer = Buffer.allocUnsafe(COPY_BYTES);
      for (let at = 0; ; ) {
        const got = await readInto(this.#fs, file, buffer, buffer.length, at);
        if (got === 0) return digest.digest("hex");
        digest.update(buffer.subarray(0, got));
        at += got;
      }
    } finally {
      await this.#fs.close(file);
    }
  }

  /** What a killed engine was taking in, an hour later. */
  async #sweep(folder: string): Promise<void> {
    for (const name of (await orMissing(this.#fs.list(folder))) ?? []) {
      const at = /^take-(\d{13})-/.exec(name)?.[1];
      if (at && Date.now() - Number(at) > HOUR_MS) await orMissing(this.#fs.unlink(join(folder, name)));
    }
  }

  async #inWords<T>(folder: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if ((error as Error).name === "AbortError") throw errors.CANCELLED({});
      throw storageError(error, "shared series", folder);
    }
  }
}

const HOUR_MS = 3_600_000;

/** Where the part of a file goes that is not there yet. */
export function restPath(temporary: string): string {
  return `${temporary}-rest`;
}

interface Relation {
  /** All its positions are there. */
  readonly known: boolean;
  /** Files that have some of its positions. */
  readonly overlapping: readonly SealedImage[];
  /** It has all positions of these. */
  readonly within: boolean;
}

function relate(file: SealedFile, images: readonly SealedImage[]): Relation {
  const mine = file.index.coverage;
  const all = new Coverage();
  for (const image of images) all.addAll(image.file.index.coverage);
  const overlapping = images.filter(({ file: { index } }) => overlaps(index.coverage, mine));
  const within = overlapping.every(
    ({ file: other }) => other.damage === undefined && isWithin(other.index.coverage, mine),
  );
  return { known: isWithin(mine, all), overlapping, within };
}

function overlaps(a: Coverage, b: Coverage): boolean {
  for (const [source, stretches] of a.entries()) {
    const rest = new Coverage();
    for (let i = 0; i < stretches.length; i += 2) rest.add(source, stretches[i]!, stretches[i + 1]!);
    const without = rest.without(b);
    if (without.stretches(source).join() !== rest.stretches(source).join()) return true;
  }
  return false;
}

/** Why the work refused what it looked at; undefined when it did not. */
async function refusalIn(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof ImageRefused) return error.message;
    if (error instanceof NewerFormat) return `it has a later ${error.message}`;
    // Hostile bytes can make the parts that read them stumble anywhere.
    if (error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError)
      return error.message;
    throw error;
  }
}

async function ignoringExisting(work: Promise<void>): Promise<void> {
  await work.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}
