import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Chunk, seriesOf, stepOf, timeOf } from "./chunk.ts";
import { Coverage, missingStretches, type Stretches } from "./coverage.ts";
import { listRun, RETIRED_SUFFIX, type SeriesFileName, sealedName, UNFINISHED_PREFIX } from "./run-folder.ts";
import { BLOCK_POINTS, blockColumns } from "./sealed-block.ts";
import { NewerFormat, SealedFile } from "./sealed-file.ts";
import { SealedWriter } from "./sealed-writer.ts";
import { errorCode, OPEN_NEW_APPEND, OPEN_READ, orMissing, type SeriesFs } from "./series-fs.ts";
import { type ScanProblem, SeriesScan } from "./series-scan.ts";

export interface SealOptions {
  readonly fs: SeriesFs;
  /** The run's series folder. */
  readonly folder: string;
  /** Whole id of the engine that seals. */
  readonly writer: string;
  readonly onProblem: (file: string, problem: ScanProblem) => void;
}

/**
 * Puts the run's series files and its sealed file into a new sealed file, and removes them. Nothing that was
 * acknowledged is ever in no file: series files are renamed first, which their writers notice before they
 * acknowledge anything more; the new file takes a number that nobody else can take; and what it was made of
 * goes only when it is on disk. Whoever is too late withdraws.
 */
export async function sealRun(options: SealOptions): Promise<void> {
  const { fs, folder } = options;
  await retireSeries(options);
  const listing = await listRun(fs, folder);
  // Another engine that is at work on one of these fails, and leaves everything as it is.
  for (const name of listing.unfinished) await orMissing(fs.unlink(join(folder, name)));
  const base = listing.sealed[0] ?? 0;
  const inputs = listing.series.filter((file) => file.retired);
  if (inputs.length > 0) {
    const result = await writeSealed(options, base, listing.shared, inputs);
    if (result === undefined) return;
    await fs.syncDirectory(folder);
    for (const name of result.covered) await orMissing(fs.unlink(join(folder, name)));
  }
  for (const number of (await listRun(fs, folder)).sealed.slice(1)) {
    await orMissing(fs.unlink(join(folder, sealedName(number))));
  }
}

/** Takes the series files away from their writers. */
async function retireSeries({ fs, folder }: SealOptions): Promise<void> {
  for (const { name, retired } of (await listRun(fs, folder)).series) {
    const path = join(folder, name);
    if (!retired) await orMissing(fs.rename(path, path + RETIRED_SUFFIX));
  }
}

/** Names of the files whose points are all in the sealed file now; undefined when nothing may be removed. */
async function writeSealed(
  options: SealOptions,
  base: number,
  shared: readonly string[],
  inputs: readonly SeriesFileName[],
): Promise<{ covered: string[] } | undefined> {
  const { fs, folder } = options;
  const path = join(folder, `${UNFINISHED_PREFIX}${randomBytes(8).toString("hex")}`);
  const file = await fs.open(path, OPEN_NEW_APPEND, 0o600);
  try {
    const filling = new SealedFilling(new SealedWriter(fs, file, options.writer));
    try {
      if (shared.length > 0) filling.elsewhere.addAll(await coverageOf(options, shared));
      if (base > 0 && !(await takeBase(options, base, filling))) return undefined;
      const covered = await takeInputs(options, inputs, filling);
      if (filling.fresh === 0) return { covered };
      await filling.writer.finish(filling.coverage);
      return (await publish(options, path, base + 1)) ? { covered } : undefined;
    } finally {
      await fs.close(file);
    }
  } finally {
    await orMissing(fs.unlink(path));
  }
}

/** Gives the finished file its number. False when another engine was faster. */
async function publish({ fs, folder }: SealOptions, path: string, number: number): Promise<boolean> {
  const name = join(folder, sealedName(number));
  try {
    await fs.link(path, name);
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST" || code === "ENOENT") return false;
    // No hard links on this file system: the run stays as it is, which only costs space.
    if (NO_LINK_CODES.has(code)) return false;
    throw error;
  }
  if ((await listRun(fs, folder)).sealed[0] !== number) {
    // Sealed again since this file was begun: it lacks what the newer one has.
    await orMissing(fs.unlink(name));
    return false;
  }
  return true;
}

const NO_LINK_CODES = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Takes the present sealed file over. False when that cannot be done without loss. */
async function takeBase(options: SealOptions, number: number, filling: SealedFilling): Promise<boolean> {
  const name = sealedName(number);
  let file: SealedFile;
  try {
    file = await SealedFile.open(options.fs, join(options.folder, name));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    if (!(error instanceof NewerFormat)) throw error;
    options.onProblem(name, { kind: "newer", version: error.version });
    return false;
  }
  try {
    if (file.damage === undefined) await filling.takeSealed(file);
    if (file.damage === undefined) return true;
    options.onProblem(name, { kind: "damaged", offset: file.damage, salvageable: 0 });
    return false;
  } finally {
    await file.close();
  }
}

/** Takes the series files. The answer names those that may go: not the damaged ones, and none of a later format. */
async function takeInputs(
  options: SealOptions,
  inputs: readonly SeriesFileName[],
  filling: SealedFilling,
): Promise<string[]> {
  const { fs, folder, onProblem } = options;
  const covered: string[] = [];
  for (const { name, writer } of inputs) {
    const file = await orMissing(fs.open(join(folder, name), OPEN_READ));
    if (file === undefined) continue;
    const scan = new SeriesScan();
    const numbers = filling.numbersOf(scan.names, writer);
    try {
      await scan.advance(fs, file, (chunk) => filling.takeChunk(chunk, numbers));
    } finally {
      await fs.close(file);
    }
    if (scan.problem) onProblem(name, scan.problem);
    else covered.push(name);
  }
  return covered;
}

/** What goes into a new sealed file. */
class SealedFilling {
  readonly writer: SealedWriter;
  readonly coverage = new Coverage();
  /** What files from other copies of the project hold: they stay as they are, and nothing of them is held twice. */
  readonly elsewhere = new Coverage();
  /** Points that are not in the sealed file that was there before. */
  fresh = 0;

  constructor(writer: SealedWriter) {
    this.writer = writer;
  }

  async takeSealed(file: SealedFile): Promise<void> {
    const { writer } = this;
    this.coverage.addAll(file.index.coverage);
    for (const { name, weak, writers, summary, blocks } of file.index.series) {
      const series = writer.numberOf(name, weak);
      for (const id of writers) writer.addWriter(series, id);
      writer.summaries.merge(series, summary);
      // The last block may have room for more points.
      const last = blocks.at(-1);
      const filled = last && last.points < BLOCK_POINTS / 2 ? blocks.slice(0, -1) : blocks;
      for (const place of filled) {
        const [payload] = await file.payloads([place]);
        if (payload) await writer.copyBlock(series, place, payload);
      }
      const [block] = await file.blocks(blocks.slice(filled.length));
      if (block) this.#takeBlock(series, block);
      if (file.damage !== undefined) return;
    }
  }

  #takeBlock(series: number, block: Buffer): void {
    const { step, value, at } = blockColumns(block);
    for (let i = 0; i < step.length; i++) this.writer.add(series, step[i]!, value[i]!, at[i]!);
  }

  /** Finds the number of a file's series in the new file; undefined when the name of it is lost. */
  numbersOf(names: readonly string[], writerId: string): SeriesNumbers {
    const known: (number | undefined)[] = [];
    return (series, weak) => {
      const key = series * 2 + (weak ? 1 : 0);
      const name = names[series];
      if (known[key] === undefined && name !== undefined) {
        known[key] = this.writer.numberOf(name, weak);
        this.writer.addWriter(known[key], writerId);
      }
      return known[key];
    };
  }

  async takeChunk(chunk: Chunk, numbers: SeriesNumbers): Promise<void> {
    const { writer } = this;
    const { weak } = chunk.source;
    const fresh = this.#freshOf(chunk);
    // Also of points that were seen before: the summaries of whoever took them in count them.
    for (let i = 0; i < chunk.count; i++) numbers(seriesOf(chunk, i), weak);
    for (let f = 0; f < fresh.length; f += 2) {
      for (let i = fresh[f]!; i < fresh[f + 1]!; i++) {
        const series = numbers(seriesOf(chunk, i), weak);
        if (series === undefined) continue;
        writer.add(series, stepOf(chunk, i), chunk.values[i]!, timeOf(chunk, i));
        writer.summaries.add(series, stepOf(chunk, i), chunk.values[i]!, timeOf(chunk, i));
        if (writer.hasFull) await writer.relieve();
      }
      this.fresh += fresh[f + 1]! - fresh[f]!;
    }
    await writer.relieve();
  }

  #freshOf(chunk: Chunk): Stretches {
    const { id, from, to } = chunk.source;
    if (this.elsewhere.stretches(id).length === 0) return this.coverage.take(chunk.source, chunk.count);
    const known = new Coverage();
    known.addAll(this.coverage);
    known.addAll(this.elsewhere);
    for (const stretches = [...missingStretches(known.stretches(id), from, to)]; stretches.length > 0; )
      this.coverage.add(id, stretches.shift()!, stretches.shift()!);
    return known.take(chunk.source, chunk.count);
  }
}

/** What the files hold that came from elsewhere. */
async function coverageOf({ fs, folder }: SealOptions, names: readonly string[]): Promise<Coverage> {
  const coverage = new Coverage();
  for (const name of names) {
    const file = await SealedFile.open(fs, join(folder, name));
    coverage.addAll(file.index.coverage);
    await file.close();
  }
  return coverage;
}

type SeriesNumbers = (series: number, weak: boolean) => number | undefined;
