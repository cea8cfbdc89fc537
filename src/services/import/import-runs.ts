import { realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { CallContext } from "../../domain/call-context.ts";
import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { ImporterRunParams, ImporterRunResult } from "../../protocol/types.ts";
import { Breather } from "../../util/breather.ts";
import type { ImportPiece } from "../ports/importers.ts";
import type { OpenProject } from "../project/open-project.ts";
import { storageError } from "../system-errors.ts";
import { chooseImporter } from "./choose-importer.ts";
import { type ImportContext, importedId, type RunOutcome, TakenRun } from "./taken-run.ts";

/** Runs whose end is written at a time: the disk is waited for, and not the processor. */
const AT_ONCE = 8;
const MOST_TOLD = 100;
const MOST_IDS = 1000;

type Options = Pick<CallContext, "signal" | "progress">;

/**
 * Takes over everything that an importer finds at a path. Runs have ids made of what they are called at their source,
 * points know their place there, so whatever was taken over before is found again; cut off, it is simply repeated.
 * Throws PATH_NOT_FOUND, IMPORT_FORMAT_UNKNOWN, IMPORT_SOURCE_UNKNOWN, IMPORT_SOURCE_INVALID.
 */
export async function importRuns(
  project: OpenProject,
  start: string,
  params: ImporterRunParams,
  options: Options,
): Promise<ImporterRunResult> {
  const asked = resolve(start, params.path);
  const path = await realpath(asked).catch(() => {
    throw errors.PATH_NOT_FOUND({ path: params.path });
  });
  const importer = await chooseImporter(project, path, params.format);
  const report = new Report({ format: importer.name, path, dryRun: params.dryRun === true });
  const context: ImportContext = {
    project,
    format: importer.name,
    // What belongs to a file lies beside it.
    source: (await stat(path)).isDirectory() ? path : dirname(path),
    dryRun: params.dryRun === true,
    problem: (message, run) => report.problem(message, run),
  };
  const intake = new Intake(context, report, options);
  try {
    for await (const page of importer.pages(path, options.signal)) await intake.take(page);
    return await intake.finish();
  } catch (error) {
    await intake.abandon();
    if (options.signal.aborted) throw errors.CANCELLED({});
    if (isDatmoError(error)) throw error;
    throw storageError(error, "the imported runs", project.datmo);
  }
}

/** Brings pieces to their runs; some runs are being finished while the next are read. */
class Intake {
  readonly #context: ImportContext;
  readonly #report: Report;
  readonly #options: Options;
  readonly #breather: Breather;
  #current: { readonly name: string; readonly run: TakenRun } | undefined;
  readonly #ending = new Map<string, Promise<void>>();
  #failed: { readonly error: unknown } | undefined;

  constructor(context: ImportContext, report: Report, options: Options) {
    this.#context = context;
    this.#report = report;
    this.#options = options;
    this.#breather = new Breather(options.signal, () => errors.CANCELLED({}));
  }

  async take(page: readonly ImportPiece[]): Promise<void> {
    for (const piece of page) {
      await this.#breather.take();
      if (this.#failed) throw this.#failed.error;
      if (piece.run === undefined) {
        for (const problem of piece.problems ?? []) this.#report.problem(problem);
        continue;
      }
      const run = await this.#runOf(piece.identity ?? "", piece.run);
      await run.take(piece);
    }
    this.#options.progress({ message: "Importing", done: this.#report.runs });
  }

  async finish(): Promise<ImporterRunResult> {
    await this.#endCurrent();
    await Promise.all(this.#ending.values());
    if (this.#failed) throw this.#failed.error;
    return this.#report.result();
  }

  /** Nothing may still be writing when the caller is told. */
  async abandon(): Promise<void> {
    await Promise.all(this.#ending.values());
  }

  async #runOf(identity: string, key: string): Promise<TakenRun> {
    const name = JSON.stringify([identity, key]);
    if (this.#current?.name === name) return this.#current.run;
    await this.#endCurrent();
    const id = importedId(this.#context.format, identity, key);
    await this.#ending.get(id);
    const run = await TakenRun.begin(this.#context, id, key);
    this.#current = { name, run };
    return run;
  }

  async #endCurrent(): Promise<void> {
    const ended = this.#current?.run;
    this.#current = undefined;
    if (!ended) return;
    while (this.#ending.size >= AT_ONCE) await Promise.race(this.#ending.values());
    const ending = ended
      .finish()
      .then(
        (outcome) => this.#report.run(outcome),
        (error: unknown) => {
          this.#failed ??= { error };
        },
      )
      .finally(() => this.#ending.delete(ended.id));
    this.#ending.set(ended.id, ending);
  }
}

/** What is told of an import. */
class Report {
  readonly #about: Pick<ImporterRunResult, "format" | "path" | "dryRun">;
  /** A run may be told of in several places of its source. */
  readonly #runs = new Map<string, RunOutcome["state"]>();
  readonly #problems: { run?: string; message: string }[] = [];
  #problemCount = 0;
  #points = 0;
  #files = 0;

  constructor(about: Pick<ImporterRunResult, "format" | "path" | "dryRun">) {
    this.#about = about;
  }

  get runs(): number {
    return this.#runs.size;
  }

  run({ id, state, points, files }: RunOutcome): void {
    const before = this.#runs.get(id) ?? "unchanged";
    if (before === "unchanged" || !this.#runs.has(id)) this.#runs.set(id, state);
    this.#points += points;
    this.#files += files;
  }

  problem(message: string, run?: string): void {
    this.#problemCount++;
    if (this.#problems.length < MOST_TOLD)
      this.#problems.push({ ...(run === undefined ? {} : { run }), message });
  }

  result(): ImporterRunResult {
    const inState = (wanted: RunOutcome["state"]): string[] =>
      [...this.#runs].flatMap(([id, state]) => (state === wanted ? [id] : []));
    const [fresh, changed] = [inState("new"), inState("changed")];
    return {
      ...this.#about,
      newRuns: fresh.length,
      changedRuns: changed.length,
      unchangedRuns: inState("unchanged").length,
      points: this.#points,
      files: this.#files,
      runIds: [...fresh, ...changed].slice(0, MOST_IDS),
      problems: this.#problems,
      problemCount: this.#problemCount,
    };
  }
}
