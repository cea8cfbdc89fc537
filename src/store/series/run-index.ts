import { join } from "node:path";
import type { Stretches } from "./coverage.ts";
import { listRun, seriesFolder } from "./run-folder.ts";
import type { RunPass } from "./run-pass.ts";
import { OPEN_READ, orMissing, type SeriesFs } from "./series-fs.ts";
import type { SummarySink } from "./summary-sink.ts";

/** How long `takenTo` may answer from memory, milliseconds. It is asked for every line of a run's journal. */
const TAKEN_FRESH_MS = 250;

/** What is known of a run's files, brought up to date when it is asked. */
export class RunIndex {
  readonly pass: RunPass<SummarySink>;
  readonly #fs: SeriesFs;
  readonly #directory: string;
  readonly #runId: string;
  /** What this engine appended, which may be newer than the last refresh. */
  readonly #own = new Map<string, number>();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(fs: SeriesFs, directory: string, runId: string, pass: RunPass<SummarySink>) {
    this.#fs = fs;
    this.#directory = directory;
    this.#runId = runId;
    this.pass = pass;
  }

  /** Notes what this engine itself appended. */
  remember(sourceId: string, to: number): void {
    this.#own.set(sourceId, Math.max(to, this.#own.get(sourceId) ?? 0));
  }

  /** As `SeriesStore.takenTo`; what others wrote in the last quarter of a second may be missing. */
  async takenTo(sourceId: string, now: number): Promise<number> {
    const known = this.#known(sourceId);
    if (known > 0 && now - this.#refreshedAt < TAKEN_FRESH_MS) return known;
    await this.pass.refresh();
    this.#refreshedAt = now;
    return this.#known(sourceId);
  }

  /** What the run's files hold of a spool, when that is on disk for certain; else nothing. */
  async durable(spoolId: string): Promise<Stretches> {
    await this.pass.refresh();
    const stretches = [...this.pass.coverage.stretches(spoolId)];
    if (stretches.length === 0) return [];
    const folder = seriesFolder(this.#directory, this.#runId);
    for (const { name, retired } of (await listRun(this.#fs, folder)).series) {
      // What was added after a file was retired does not stay.
      if (retired || !(await syncFile(this.#fs, join(folder, name)))) return [];
    }
    for (const path of [folder, join(folder, ".."), this.#directory]) await this.#fs.syncDirectory(path);
    return stretches;
  }

  #known(sourceId: string): number {
    return Math.max(this.#own.get(sourceId) ?? 0, this.pass.coverage.end(sourceId));
  }
}

/** True when everything in the file is on disk, under this name. */
async function syncFile(fs: SeriesFs, path: string): Promise<boolean> {
  const file = await orMissing(fs.open(path, OPEN_READ));
  if (file === undefined) return false;
  try {
    await fs.sync(file);
    return (await fs.stat(file)).identity === (await orMissing(fs.statPath(path)))?.identity;
  } catch {
    return false;
  } finally {
    await fs.close(file);
  }
}
