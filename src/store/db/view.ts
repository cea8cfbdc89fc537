import { type Clock, type Stamp, stampTime } from "../../domain/clock.ts";
import { mergeChange, type RecordState } from "../../domain/merge.ts";
import { errors } from "../../protocol/errors.ts";
import { FORMAT_VERSION } from "../../util/frame.ts";
import type { Files } from "./files.ts";
import { changedBetween, type Fingerprints, fingerprints } from "./fingerprints.ts";
import { Image, type ImageState } from "./image.ts";
import { type JournalPass, JournalReader, type Position, type Vector } from "./journal.ts";
import { Overlay } from "./overlay.ts";
import type { ForeignOperation, StoredChange, Transaction } from "./payload.ts";
import { type ProblemLog, reportBadSnapshots, reportDamage, reportLoss } from "./problems.ts";
import type { Layers } from "./queries.ts";
import { decodeState } from "./record-row.ts";
import { listSnapshots, loadNewest } from "./snapshots.ts";

export interface ViewOptions {
  readonly files: Files;
  /** `.datmo` */
  readonly directory: string;
  readonly problems: ProblemLog;
  /** Pushed forward by every stamp that is read. */
  readonly clock: Clock;
  readonly now: () => number;
  /** The project is on a network drive. */
  readonly patient: boolean;
  /** Ids under which this process writes: their changes are not foreign. */
  readonly own?: ReadonlySet<string>;
  /** Told which records other engines changed; asked for first, since knowing it has a price. */
  readonly foreignListener?: () => ((changed: readonly { kind: string; id: string }[]) => void) | undefined;
}

/** What lies beyond the newest snapshot. */
export interface Tail {
  readonly bytes: number;
  readonly transactions: number;
  /** Segments that the next two checkpoints can remove. */
  readonly finished: number;
}

/**
 * The records as the journal of all engines tells them: the newest snapshot, with the segments since laid
 * over it. Holds what it has read; `refresh` takes in what is new.
 */
export class View {
  /** Number of the snapshot that was loaded (0: none), with the vector it had. */
  loaded: { readonly generation: number; readonly vector: ReadonlyMap<string, Position> } = NOTHING;
  /** Everything that this snapshot holds is in the view. */
  safe = 0;
  tail: Tail = { bytes: 0, transactions: 0, finished: 0 };
  /** Highest later format version met: the project must not be written to. */
  newer: number | undefined;
  /** What was collected after snapshots that cannot be read: it is lost, the project must not be written to. */
  damaged = false;
  /** Snapshots that cannot be read. */
  readonly bad = new Set<number>();
  /** Operations of later versions met in the journal, to go into the next snapshot. */
  readonly foreign: ForeignOperation[] = [];
  latest: Stamp | "" = "";
  far: Stamp | "" = "";
  readonly #options: ViewOptions;
  #image: Image | undefined;
  #overlay = new Overlay();
  /** At least what the overlay holds. */
  #overlayBytes = 0;
  #journal: JournalReader | undefined;
  /** While the records are read afresh: what they were before. */
  #aside: Layers | undefined;
  #accepted = 0;
  #counted = 0;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  get layers(): Layers {
    return this.#aside ?? { image: this.#image, overlay: this.#overlay };
  }

  get journal(): JournalReader | undefined {
    return this.#journal;
  }

  /** Takes in everything that was durable when it was called. Other work gets its turn every few milliseconds. */
  async refresh(): Promise<void> {
    const first = !this.#journal;
    let before: Fingerprints | undefined;
    const changed: Changed = new Map();
    for (let attempt = 0; attempt < 5; attempt++) {
      if (!this.#journal) await this.#load();
      const newestBefore = this.#newest();
      // Read afresh, everything looks new; then a comparison tells better.
      const pass = await this.#read(this.#journal!, before ? new Map() : changed);
      if (pass.newer !== undefined) this.#meetNewer(pass.newer);
      if (!this.#isStale(pass, this.#newest())) {
        this.#settle(pass, newestBefore);
        break;
      }
      if (this.#options.foreignListener?.() && !first) before ??= fingerprints(this.layers);
      this.#startAfresh();
    }
    if (!first) this.#tellForeign(before, changed);
    this.#aside?.image?.close();
    this.#aside = undefined;
  }

  /** Stamps of the fields that these changes replace, as far as they have been read. */
  stampsUnder(changes: readonly StoredChange[]): Stamp[] {
    return changes.flatMap(({ kind, id, set }) => {
      const known = this.#peek(kind, id)?.stamps;
      return known ? Object.keys(set).flatMap((path) => known.get(path) ?? []) : [];
    });
  }

  /** Moves everything into the image, a few milliseconds at a time. */
  async fold(): Promise<Image> {
    this.#image ??= await Image.empty();
    while (this.#overlay.size > 0) {
      const entries = this.#overlay.first(FOLD_SLICE);
      this.#image.write(entries);
      this.#overlay.remove(entries);
      await nextTurn();
    }
    this.#overlayBytes = 0;
    this.#image.writeForeign(this.foreign);
    return this.#image;
  }

  /** Lets go of everything; the next refresh starts from the newest snapshot. */
  drop(): void {
    this.#image?.close();
    this.#aside?.image?.close();
    this.#aside = undefined;
    this.#reset();
  }

  /** After a fresh start from a snapshot only a comparison tells what others changed. */
  #tellForeign(before: Fingerprints | undefined, changed: Changed): void {
    const listener = this.#options.foreignListener?.();
    if (!listener) return;
    if (before) {
      const now = fingerprints({ image: this.#image, overlay: this.#overlay });
      for (const record of changedBetween(before, now)) changed.set(`${record.kind} ${record.id}`, record);
    }
    if (changed.size > 0) listener([...changed.values()]);
  }

  /** What was read so far is shown until as much has been read again. */
  #startAfresh(): void {
    if (this.#aside) this.#image?.close();
    else this.#aside = { image: this.#image, overlay: this.#overlay };
    this.#reset();
  }

  #reset(): void {
    this.#image = undefined;
    this.#overlay = new Overlay();
    this.#overlayBytes = 0;
    this.#journal = undefined;
    this.foreign.length = 0;
  }

  #peek(kind: string, id: string): RecordState | undefined {
    const changed = this.#overlay.get(kind, id)?.record;
    if (changed) return changed;
    const found = this.#image?.get(kind, id);
    return found && decodeState(found.row.doc, found.stamps);
  }

  #newest(): number {
    return listSnapshots(this.#options.files, this.#options.directory).find((n) => !this.bad.has(n)) ?? 0;
  }

  async #load(): Promise<void> {
    const { files, directory, patient } = this.#options;
    const { image, generation, bad } = await loadNewest(files, directory);
    for (const number of bad.keys()) this.bad.add(number);
    const vector: Vector = new Map();
    for (const [writer, [segment, offset, sequence]] of Object.entries(image?.state.vector ?? {})) {
      vector.set(writer, { segment, offset, sequence });
    }
    this.#image = image;
    this.#journal = new JournalReader(files, directory, vector, image?.state.damage, patient);
    this.loaded = { generation, vector: new Map(vector) };
    this.safe = generation;
    this.#counted = generation;
    this.tail = { bytes: 0, transactions: 0, finished: 0 };
    if (image) this.#meetStamps(image.state);
  }

  #meetStamps(state: ImageState): void {
    if (state.latest !== "") this.#observe(state.latest);
    if (state.far !== "") this.#observe(state.far);
  }

  async #read(journal: JournalReader, changed: Changed): Promise<JournalPass> {
    const steps = journal.pass();
    let slice = performance.now();
    try {
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
        this.#apply(step.value.transaction, step.value.writer, changed);
        if (this.#overlay.size >= OVERLAY_RECORDS || this.#overlayBytes >= OVERLAY_BYTES) await this.fold();
        if (performance.now() - slice < SLICE_MS) continue;
        await nextTurn();
        slice = performance.now();
      }
    } finally {
      steps.return(undefined as never);
    }
  }

  #apply({ stamp, bytes, changes, foreign }: Transaction, writer: string, changed: Changed): void {
    this.#observe(stamp);
    this.#overlayBytes += bytes;
    const own = this.#options.own?.has(writer) ?? true;
    for (const { kind, id, set } of changes) {
      const { record } = this.#overlay.touch(kind, id, this.#image);
      const news = mergeChange(record, kind, set, stamp) && !own;
      if (news) changed.set(`${kind} ${id}`, { kind, id });
    }
    this.foreign.push(...foreign);
  }

  #observe(stamp: Stamp): void {
    if (this.#options.clock.observe(stamp)) {
      if (stamp > this.latest) this.latest = stamp;
    } else if (stamp > this.far) {
      this.far = stamp;
      const hours = Math.round((stampTime(stamp) - this.#options.now()) / 3_600_000);
      this.#options.problems.add(errors.CLOCK_AHEAD({ hours }), "clock");
    }
  }

  /** True when files that were needed may have been removed because a newer snapshot holds them. */
  #isStale(pass: JournalPass, newest: number): boolean {
    if (newest <= this.loaded.generation) return false;
    if (pass.missing.length > 0 || newest >= this.safe + 2) return true;
    return pass.collected > Math.max(this.safe, this.#accepted);
  }

  #settle(pass: JournalPass, newestBefore: number): void {
    const { problems } = this.#options;
    if (pass.collected > Math.max(this.safe, this.#accepted)) this.#meetLoss(pass.collected);
    else if (!this.damaged) reportBadSnapshots(problems, this.bad);
    this.#journal!.passOver(pass.missing);
    reportDamage(problems, this.#journal!.damage.values());
    // A snapshot made since the last look holds what was counted up to then.
    const base = newestBefore > this.#counted ? { bytes: 0, transactions: 0 } : this.tail;
    this.#counted = Math.max(this.#counted, newestBefore);
    this.tail = {
      bytes: base.bytes + pass.bytes,
      transactions: base.transactions + pass.transactions,
      finished: pass.finished,
    };
    this.safe = Math.max(this.safe, newestBefore);
  }

  /** Segments were removed that only a snapshot holds which is not there, or not readable. */
  #meetLoss(collected: number): void {
    this.#accepted = collected;
    this.damaged = this.bad.size > 0;
    reportLoss(this.#options.problems, collected, this.bad);
  }

  #meetNewer(version: number): void {
    this.newer = Math.max(this.newer ?? 0, version);
    this.#options.problems.add(errors.FORMAT_NEWER({ found: this.newer, known: FORMAT_VERSION }));
  }
}

type Changed = Map<string, { readonly kind: string; readonly id: string }>;

const NOTHING = { generation: 0, vector: new Map<string, Position>() };
/** How much may have changed since the snapshot before it is moved into the database. */
const OVERLAY_RECORDS = 1000;
const OVERLAY_BYTES = 8 * 1024 * 1024;
const FOLD_SLICE = 50;
/** How long records are read before other work gets its turn, milliseconds. */
const SLICE_MS = 5;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
