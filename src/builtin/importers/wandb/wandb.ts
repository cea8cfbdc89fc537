import { basename } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type { Importer, ImportPiece } from "../../../services/ports/importers.ts";
import { filesBelow, isFolder } from "../file-lists.ts";
import { logProblem } from "./log-records.ts";
import { RunReader } from "./run-reader.ts";

const NAME = "wandb";

/** Logs of W&B as they lie in a folder `wandb`, whether they were sent to its server or not. */
export const wandb: Importer = {
  name: NAME,
  async detect(path) {
    return logsAt(path).length > 0;
  },
  async *pages(path) {
    const logs = logsAt(path);
    if (logs.length === 0) {
      const reason = "there is no log called `run-….wandb` in it";
      throw errors.IMPORT_SOURCE_INVALID({ path, format: NAME, reason });
    }
    const usable: RunLog[] = [];
    for (const log of logs) {
      const problem = logProblem(log);
      const about = problem === undefined ? RunReader.identityOf(log) : undefined;
      if (about) usable.push({ path: log, ...about });
      else yield [{ problems: [`${log}: ${problem ?? "it tells of no run"}, so it was left out`] }];
    }
    for (const paths of byRun(usable)) yield* runPages(paths);
  },
};

interface RunLog {
  readonly path: string;
  readonly identity: string;
  readonly id: string;
}

function* runPages(paths: readonly string[]): Generator<ImportPiece[]> {
  const reader = new RunReader();
  for (const path of paths) yield* reader.logPages(path);
  yield [reader.last()];
}

/** A run that was resumed has a log for each time; the names of their folders begin with the time. */
function byRun(logs: readonly RunLog[]): string[][] {
  const runs = new Map<string, string[]>();
  for (const { path, identity, id } of logs) {
    const key = JSON.stringify([identity, id]);
    const known = runs.get(key);
    if (known) known.push(path);
    else runs.set(key, [path]);
  }
  return [...runs.values()];
}

function logsAt(path: string): string[] {
  if (!isFolder(path)) return path.endsWith(".wandb") ? [path] : [];
  const logs = filesBelow(path).filter(({ name }) => /^run-.*\.wandb$/.test(basename(name)));
  return logs.map((log) => log.path).sort();
}
