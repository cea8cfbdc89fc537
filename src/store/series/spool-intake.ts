import { errors } from "../../protocol/errors.ts";
import type { SpoolStretch } from "../../services/ports/series.ts";
import { addStretch, coveredEnd, type Stretches } from "./coverage.ts";
import { PointBuffer } from "./point-buffer.ts";
import type { RunWriter } from "./run-writer.ts";
import { borrow, giveBack } from "./scratch.ts";
import { readInto, type SeriesFs } from "./series-fs.ts";
import { loggedName } from "./series-names.ts";
import {
  openSpool,
  parseSlots,
  SLOT_BYTES,
  type SlotsParsed,
  SPOOL_HEADER_BYTES,
  type SpoolFile,
  SpoolNames,
} from "./spool-file.ts";

/** Bytes read at first, and at most, at once: a spool is often asked when there is little new in it. */
const FIRST_WINDOW_BYTES = 64 * 1024;
const WINDOW_BYTES = 2 * 1024 * 1024;

export interface SpoolIntakeOptions {
  readonly fs: SeriesFs;
  /** Stretches of a spool that the run's files hold already, durably. */
  readonly durable: (runId: string, spoolId: string) => Promise<Stretches>;
}

/** Takes spools in. Remembers for each how far it came and which names it defines. */
export class SpoolIntake {
  readonly #options: SpoolIntakeOptions;
  readonly #spools = new Map<string, SpoolState>();

  constructor(options: SpoolIntakeOptions) {
    this.#options = options;
  }

  /** As `SeriesStore.appendSpool`. */
  async take(
    runId: string,
    writer: RunWriter,
    stretch: SpoolStretch,
  ): Promise<{ durableTo: number; points: number }> {
    const spool = await openSpool(this.#options.fs, stretch.path, runId);
    try {
      const state = await this.#stateOf(runId, spool.id, writer);
      const work = state.turn.then(() => this.#takeInTurn(state, spool, writer, stretch));
      state.turn = work.catch(() => undefined);
      return await work;
    } finally {
      await this.#options.fs.close(spool.file);
    }
  }

  /** Forgets the spools of a run that has ended. */
  forget(runId: string): void {
    for (const [key, state] of this.#spools) if (state.runId === runId) this.#spools.delete(key);
  }

  async #stateOf(runId: string, spoolId: string, writer: RunWriter): Promise<SpoolState> {
    const key = `${runId} ${spoolId}`;
    const known = this.#spools.get(key);
    if (known && known.losses === writer.losses) return known;
    // What this engine wrote and could not sync looks taken in and may yet be lost: then all is taken in anew.
    const taken = writer.losses === 0 ? await this.#options.durable(runId, spoolId) : [];
    const state: SpoolState = this.#spools.get(key) ?? {
      runId,
      taken: [],
      losses: 0,
      turn: Promise.resolve(),
      ...noNames(),
    };
    if (state.losses !== writer.losses) state.taken.length = 0;
    state.losses = writer.losses;
    for (let i = 0; i < taken.length; i += 2) addStretch(state.taken, taken[i]!, taken[i + 1]!);
    this.#spools.set(key, state);
    return state;
  }

  async #takeInTurn(
    state: SpoolState,
    spool: SpoolFile,
    writer: RunWriter,
    stretch: SpoolStretch,
  ): Promise<{ durableTo: number; points: number }> {
    const from = firstSlotAt(stretch, spool);
    const limit = Math.min(stretch.to ?? spool.bytes, spool.bytes);
    const start = coveredEnd(state.taken, from);
    if (start >= limit) return { durableTo: start, points: 0 };
    await this.#learnNames(state, spool, writer, start, stretch.path);
    const { end, points } = await this.#takePoints(state, spool, writer, {
      start,
      limit,
      path: stretch.path,
    });
    if (end === start) return { durableTo: start, points: 0 };
    addStretch(state.taken, start, end);
    await writer.sync();
    if (writer.losses !== state.losses) throw errors.STORAGE_IO({ reason: "synchronising failed" });
    return { durableTo: end, points };
  }

  /** Reads the definitions of names in front of `start`, as far as they are not known. */
  async #learnNames(
    state: SpoolState,
    spool: SpoolFile,
    writer: RunWriter,
    start: number,
    path: string,
  ): Promise<void> {
    // Names that are defined behind `start` may take the place of others.
    if (state.namesTo > start) Object.assign(state, noNames());
    for await (const { parsed } of this.#windows(state, spool, writer, start, false)) {
      if (parsed.stop === undefined || parsed.stop === "more") continue;
      const reason = `it has no valid record at byte ${state.namesTo}`;
      throw errors.SPOOL_INVALID({ file: path, reason });
    }
    if (state.namesTo !== start) {
      throw errors.SPOOL_INVALID({ file: path, reason: `no record begins at byte ${start}` });
    }
  }

  async #takePoints(
    state: SpoolState,
    spool: SpoolFile,
    writer: RunWriter,
    range: { start: number; limit: number; path: string },
  ): Promise<{ end: number; points: number }> {
    let points = 0;
    let writing: Promise<void> = Promise.resolve();
    for await (const window of this.#windows(state, spool, writer, range.limit, true)) {
      // One window is written while the next is read.
      await writing;
      if (window.points.length > 0) {
        points += window.points.length;
        const { from, gaps } = window;
        const source = { id: spool.id, from, to: state.namesTo, stride: SLOT_BYTES, gaps, weak: false };
        writing = writer.appendBuffer(window.points, source);
      } else if (window.parsed.stop === "undefined name" && state.namesTo === range.start) {
        const reason = `the record at byte ${state.namesTo} has a name that is not defined`;
        throw errors.SPOOL_INVALID({ file: range.path, reason });
      }
    }
    await writing;
    return { end: state.namesTo, points };
  }

  /** Parses from `state.namesTo` up to `limit`, a window at a time; ends early where the records do. */
  async *#windows(
    state: SpoolState,
    spool: SpoolFile,
    writer: RunWriter,
    limit: number,
    wantPoints: boolean,
  ): AsyncGenerator<{ from: number; parsed: SlotsParsed; points: PointBuffer; gaps: number[] }> {
    for (let size = FIRST_WINDOW_BYTES; ; size = Math.min(size * 4, WINDOW_BYTES)) {
      const from = state.namesTo;
      const bytes = borrow(Math.min(size, limit - from));
      const got = await readInto(this.#options.fs, spool.file, bytes, bytes.length, from);
      const points = new PointBuffer(wantPoints ? Math.ceil(got / SLOT_BYTES) : 1);
      const gaps: number[] = [];
      const numberOf = (name: string): number => writer.names.numberOf(loggedName(name));
      const target = { names: state.names, numberOf, gaps, ...(wantPoints ? { points } : {}) };
      const firstSlot = (from - SPOOL_HEADER_BYTES) / SLOT_BYTES;
      const parsed = parseSlots(bytes.subarray(0, got), firstSlot, target);
      giveBack(bytes);
      state.namesTo = from + parsed.slots * SLOT_BYTES;
      yield { from, parsed, points, gaps };
      const ended = parsed.stop !== undefined && parsed.stop !== "more";
      if (ended || parsed.slots === 0 || state.namesTo >= limit) return;
    }
  }
}

interface SpoolState {
  readonly runId: string;
  /** Stretches whose points are in the run's files for good. */
  readonly taken: Stretches;
  /** The writer's losses when `taken` was right. */
  losses: number;
  /** Names defined before this offset. */
  names: SpoolNames;
  namesTo: number;
  turn: Promise<unknown>;
}

function noNames(): { names: SpoolNames; namesTo: number } {
  return { names: new SpoolNames(), namesTo: SPOOL_HEADER_BYTES };
}

function firstSlotAt(stretch: SpoolStretch, spool: SpoolFile): number {
  const from = Math.max(SPOOL_HEADER_BYTES, stretch.from);
  const file = stretch.path;
  if ((from - SPOOL_HEADER_BYTES) % SLOT_BYTES !== 0) {
    throw errors.SPOOL_INVALID({ file, reason: `no record begins at byte ${from}` });
  }
  if (from > spool.bytes) throw errors.SPOOL_INVALID({ file, reason: `it ends before byte ${from}` });
  return from;
}
