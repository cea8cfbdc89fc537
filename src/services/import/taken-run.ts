import { createHash } from "node:crypto";
import { appendFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fieldPath } from "../../domain/field-paths.ts";
import { contentId } from "../../domain/ids.ts";
import { summaryField } from "../../domain/metric-summaries.ts";
import type { Json } from "../../util/json.ts";
import { lstatOf } from "../../util/safe-files.ts";
import type { ImportedFacts, ImportedFile, ImportedStretch, ImportPiece } from "../ports/importers.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { PointColumns } from "../ports/series.ts";
import type { OpenProject } from "../project/open-project.ts";
import { createRunFields } from "../runs/run-fields.ts";
import { summariesOfFiles } from "../runs/run-metrics.ts";
import { importedFields } from "./imported-fields.ts";
import { keepSourceFiles, lookAtFiles } from "./source-files.ts";

export interface ImportContext {
  readonly project: OpenProject;
  readonly format: string;
  /** What is imported, links resolved. */
  readonly source: string;
  readonly dryRun: boolean;
  problem(message: string, run?: string): void;
}

export interface RunOutcome {
  readonly id: string;
  readonly state: "new" | "changed" | "unchanged";
  readonly points: number;
  readonly files: number;
}

/** Field of an imported run, of this copy of the project alone: what was taken in when its summaries were made. */
const STATE = "local/import";
/** The field of kept files, as runs that keep files themselves have it. */
const KEPT_TREE = "keptTree";
const LONGEST_NAME = 1000;

interface TakenFiles {
  /** Another one whenever one of the files was changed. */
  readonly print: string;
  readonly set: Record<string, Json>;
  readonly count: number;
  readonly treeId?: string;
}

/** The id here of a run that is called so at its source: wherever and how often it is imported, the same. */
export function importedId(format: string, identity: string, key: string): string {
  return contentId(`import ${format}\n${identity}\n${key}`);
}

/** One run that is being taken over. */
export class TakenRun {
  readonly id: string;
  readonly #context: ImportContext;
  readonly #key: string;
  readonly #known: StoredRecord | undefined;
  /** Up to where each stream is in the project's files, by id of the source. */
  readonly #taken: Map<string, number>;
  readonly #hadPoints: boolean;
  #facts: ImportedFacts = {};
  readonly #files = new Map<string, ImportedFile>();
  #times: { first: number; last: number } | undefined;
  #hasSystem = false;
  #points = 0;
  #outputBytes = 0;
  /** Bytes of output that are here. */
  #outputEnd: number | undefined;
  readonly #sourceIds = new Map<string, string>();

  static async begin(context: ImportContext, id: string, key: string): Promise<TakenRun> {
    const [known, taken] = await Promise.all([
      context.project.records.get("run", id),
      context.project.series.takenOf(id),
    ]);
    return new TakenRun(context, id, key, known, new Map(taken));
  }

  private constructor(
    context: ImportContext,
    id: string,
    key: string,
    known: StoredRecord | undefined,
    taken: Map<string, number>,
  ) {
    this.id = id;
    this.#context = context;
    this.#key = key;
    this.#known = known;
    this.#taken = taken;
    this.#hadPoints = taken.size > 0;
  }

  /** What the user deleted here stays deleted. */
  get isDeleted(): boolean {
    return this.#known?.deleted === true;
  }

  async take(piece: ImportPiece): Promise<void> {
    for (const problem of piece.problems ?? []) this.#problem(problem);
    if (this.isDeleted) return;
    this.#facts = { ...this.#facts, ...piece.facts };
    for (const file of piece.files ?? []) this.#files.set(file.name, file);
    await Promise.all((piece.points ?? []).map((stretch) => this.#takePoints(stretch)));
    if (piece.output) await this.#takeOutput(piece.output);
  }

  /** Writes what is known of the run; durable when it resolves. */
  async finish(): Promise<RunOutcome> {
    const { project, format, dryRun } = this.#context;
    const { id } = this;
    if (this.isDeleted) return { id, state: "unchanged", points: 0, files: 0 };
    const set = importedFields({ format, key: this.#key }, this.#facts, this.#times, this.#known);
    const files = await this.#takeFiles();
    Object.assign(set, files.set);
    const total = [...this.#taken.values()].reduce((sum, to) => sum + to, 0);
    const before = this.#state();
    const hasNews = Object.keys(set).length > 0 || this.#points + this.#outputBytes + files.count > 0;
    const state = this.#known === undefined ? "new" : hasNews ? "changed" : "unchanged";
    const outcome = { id, state, points: this.#points, files: files.count } as const;
    if (dryRun) return outcome;
    if (before.points !== total) Object.assign(set, await this.#summaries());
    if (this.#points > 0) await project.series.seal(id);
    if (Object.keys(set).length > 0 || before.points !== total || before.files !== files.print) {
      set[STATE] = { points: total, files: files.print };
      await project.records.commit([{ kind: "run", id, set }]);
    }
    if (files.treeId !== undefined) await project.snapshots.named(files.treeId);
    project.series.forget(id);
    return outcome;
  }

  /** Keeps the run's files, unless all of them look as they did the last time. */
  async #takeFiles(): Promise<TakenFiles> {
    const { project, source, dryRun } = this.#context;
    const problem = (text: string): void => this.#problem(text);
    const looked = await lookAtFiles([...this.#files.values()], source, problem);
    const { print } = looked;
    if (looked.files.length === 0 || this.#state().files === print) return { print, set: {}, count: 0 };
    if (dryRun) return { print, set: {}, count: this.#otherSizes(looked.sizes) };
    const kept = await keepSourceFiles(project, looked, problem);
    if (!kept) return { print, set: {}, count: 0 };
    const fields = this.#known?.fields ?? {};
    const now = kept.files.map(
      ({ path, bytes, sha256 }) => [fieldPath("files", path), { bytes, sha256 }] as const,
    );
    const names = new Set(now.map(([path]) => path));
    const isOther = ([path, { sha256 }]: (typeof now)[number]): boolean =>
      (fields[path] as { sha256?: string } | undefined)?.sha256 !== sha256;
    const set: Record<string, Json> = Object.fromEntries(now.filter(isOther));
    const count = Object.keys(set).length;
    for (const path of Object.keys(fields))
      if (path.startsWith("files/") && !names.has(path)) set[path] = null;
    if (fields[KEPT_TREE] !== kept.treeId) set[KEPT_TREE] = kept.treeId;
    return { print, set, count, treeId: kept.treeId };
  }

  /** How many of them are not here in that size. */
  #otherSizes(sizes: ReadonlyMap<string, number>): number {
    const fields = this.#known?.fields ?? {};
    const isOther = ([name, bytes]: [string, number]): boolean =>
      (fields[fieldPath("files", name)] as { bytes?: number } | undefined)?.bytes !== bytes;
    return [...sizes].filter(isOther).length;
  }

  #state(): { readonly points: number | undefined; readonly files: string } {
    const { points, files = "" } = (this.#known?.fields[STATE] ?? {}) as { points?: number; files?: string };
    return { points, files };
  }

  async #takePoints({ stream, from, points, system = false }: ImportedStretch): Promise<void> {
    const count = points.name.length;
    if (count === 0) return;
    this.#noteTimes(points.at);
    const id = this.#sourceId(stream);
    const skip = Math.max(0, (this.#taken.get(id) ?? 0) - from);
    if (skip >= count) return;
    const to = from + count;
    this.#taken.set(id, to);
    this.#points += count - skip;
    if (system) this.#hasSystem = true;
    if (this.#context.dryRun) return;
    const { series } = this.#context.project;
    const fresh = named(skip === 0 ? points : sliced(points, skip));
    const source = { id, from: from + skip, to, stride: 1 } as const;
    await (system ? series.appendSystem(this.id, fresh, source) : series.append(this.id, fresh, source));
  }

  #noteTimes(at: readonly number[]): void {
    let { first, last } = this.#times ?? { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
    for (const time of at) {
      if (time < first) first = time;
      if (time > last) last = time;
    }
    if (first > 0) this.#times = { first, last };
  }

  #sourceId(stream: string): string {
    let id = this.#sourceIds.get(stream);
    if (id === undefined) {
      id = createHash("sha256").update(`import ${this.id}\n${stream}`).digest("hex").slice(0, 16);
      this.#sourceIds.set(stream, id);
    }
    return id;
  }

  async #takeOutput({ from, text }: { readonly from: number; readonly text: string }): Promise<void> {
    const directory = this.#context.project.taskDirectory(this.id);
    const path = join(directory, "output.log");
    this.#outputEnd ??= (await lstatOf(path))?.size ?? 0;
    const fresh = Buffer.from(text).subarray(Math.max(0, this.#outputEnd - from));
    if (fresh.length === 0) return;
    this.#outputEnd += fresh.length;
    this.#outputBytes += fresh.length;
    if (this.#context.dryRun) return;
    // Never recursive: a project that was moved meanwhile must not come to life again where it was.
    for (const folder of [dirname(directory), directory]) {
      await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
    }
    await appendFile(path, fresh, { mode: 0o600 });
  }

  /**
   * Of a run that came all at once the points just written are all there are. Else they are read from the files: an
   * import that was cut off may have left some that no summary tells of.
   */
  async #summaries(): Promise<Record<string, Json>> {
    const { project } = this.#context;
    if (this.#known === undefined && !this.#hadPoints && !this.#hasSystem) {
      const own = project.series.ownSummaries(this.id);
      return Object.fromEntries([...own].map(([name, it]) => summaryField(name, project.series.writer, it)));
    }
    await project.series.flush(this.id);
    const fields = createRunFields(project, this.id, "", this.#known?.fields ?? {});
    return summariesOfFiles(project, this.id, fields);
  }

  #problem(message: string): void {
    this.#context.problem(message, this.#key);
  }
}

function sliced({ name, step, value, at }: PointColumns, from: number): PointColumns {
  return { name: name.slice(from), step: step.slice(from), value: value.slice(from), at: at.slice(from) };
}

/** Names as datmo can keep them. */
function named(points: PointColumns): PointColumns {
  const isFine = (name: string): boolean => name.length > 0 && name.length <= LONGEST_NAME;
  if (points.name.every(isFine)) return points;
  return {
    ...points,
    name: points.name.map((name) => (isFine(name) ? name : name.slice(0, LONGEST_NAME) || "_")),
  };
}
