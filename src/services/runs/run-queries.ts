import { pathKeys } from "../../domain/field-paths.ts";
import { matches, parseFilter } from "../../domain/filter.ts";
import { runFromRecord, runWithSystem } from "../../domain/run-record.ts";
import { compareBy, parseSort } from "../../domain/sort.ts";
import type {
  Run,
  RunGetResult,
  RunListParams,
  RunListResult,
  RunLogsParams,
  RunLogsResult,
} from "../../protocol/types.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";

const DEFAULT_LIMIT = 100;
const DEFAULT_LOG_BYTES = 1024 * 1024;
/** Records read at a time when all must be looked at. */
const PAGE = 500;

/** Runs, filtered and sorted. Without filter and sort only as many records are read as are shown. */
export async function listRuns(project: OpenProject, params: RunListParams): Promise<RunListResult> {
  const limit = params.limit ?? DEFAULT_LIMIT;
  const show = params.system ? runWithSystem : runFromRecord;
  // A text with this word need not mean them: then they are made in vain.
  const namesSystem = /\bsystem\b/.test(`${params.filter ?? ""} ${params.sort ?? ""}`);
  const wanted = selectorOf(params);
  if (!wanted && (params.sort === undefined || params.sort === "-created"))
    return newestRuns(project, params, limit, show);
  const order = parseSort(params.sort ?? "-created");
  const runs: Run[] = [];
  const make = namesSystem ? runWithSystem : show;
  for await (const run of everyRun(project, params.deleted === true, make)) {
    if (!wanted || wanted(run)) runs.push(run);
  }
  runs.sort(compareBy(order));
  const from = params.cursor === undefined ? 0 : Number(openCursor(params.cursor)["from"] ?? 0);
  const shown = runs.slice(from, from + limit);
  const items = make === show ? shown : shown.map(({ system: _, ...run }) => run);
  const more = from + limit < runs.length;
  return { items, total: runs.length, ...(more ? { nextCursor: sealCursor({ from: from + limit }) } : {}) };
}

/** One run with everything that is known of it. */
export async function getRun(project: OpenProject, asked: string): Promise<RunGetResult> {
  const record = await findRecord(project, "run", asked, { deleted: true });
  const { machine, userGit } = record.fields as Record<string, unknown>;
  return {
    run: runWithSystem(record),
    ...(machine ? { machine: machine as RunGetResult["machine"] & object } : {}),
    ...(userGit ? { userGit: userGit as RunGetResult["userGit"] & object } : {}),
    files: runFiles(record),
    taskDirectory: project.taskDirectory(record.id),
  };
}

/** Files kept with a run, by path. */
export function runFiles(record: StoredRecord): { path: string; bytes: number; sha256: string }[] {
  const files: { path: string; bytes: number; sha256: string }[] = [];
  for (const [path, value] of Object.entries(record.fields)) {
    if (!path.startsWith("files/") || value === null) continue;
    const facts = value as { bytes: number; sha256: string };
    files.push({ path: pathKeys(path).slice(1).join("/"), bytes: facts.bytes, sha256: facts.sha256 });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A stretch of a run's output. */
export async function readLogs(project: OpenProject, params: RunLogsParams): Promise<RunLogsResult> {
  const record = await findRecord(project, "run", params.id, { deleted: true });
  const folder = project.taskFolder(record.id);
  // Asked before the size is read: output that comes in between is then still announced as more to come.
  const open = await project.openRuns.read(record.id);
  const size = await folder.outputSize();
  const asked = params.offset ?? 0;
  const offset = Math.min(size, asked < 0 ? Math.max(0, size + asked) : asked);
  const bytes = await folder.readOutput(offset, params.limit ?? DEFAULT_LOG_BYTES);
  const whole = params.encoding === "base64" ? bytes : wholeCharacters(bytes, offset + bytes.length >= size);
  return {
    text: whole.toString(params.encoding === "base64" ? "base64" : "utf8"),
    offset,
    nextOffset: offset + whole.length,
    size,
    ended: open === undefined,
  };
}

/** Whether a run is one of those that are asked for; undefined: all are. */
export function selectorOf(
  params: Pick<RunListParams, "filter" | "status" | "tags" | "deleted">,
): ((run: Run) => boolean) | undefined {
  const tests: ((run: Run) => boolean)[] = [];
  if (params.filter !== undefined && params.filter.trim() !== "") {
    const filter = parseFilter(params.filter);
    const now = Date.now();
    tests.push((run) => matches(filter, run, now));
  }
  const { status, tags } = params;
  if (status) tests.push((run) => status.includes(run.status));
  if (tags) tests.push((run) => tags.every((tag) => run.tags.includes(tag)));
  if (params.deleted === true) tests.push((run) => run.deleted === true);
  return tests.length === 0 ? undefined : (run) => tests.every((test) => test(run));
}

/** Newest first. Some are read at a time: the records of ten thousand runs at once take 200 MB. */
export async function* everyRun(
  project: OpenProject,
  includeDeleted = false,
  make: typeof runFromRecord = runFromRecord,
): AsyncGenerator<Run> {
  let last: StoredRecord | undefined;
  do {
    const after = last ? { after: { createdAt: last.createdAt, id: last.id } } : {};
    const records = await project.records.list("run", { includeDeleted, limit: PAGE, ...after });
    // Of collected ones nothing is left to show.
    for (const record of records) if (record.fields["collected"] === undefined) yield make(record);
    last = records.length < PAGE ? undefined : records.at(-1);
  } while (last);
}

async function newestRuns(
  project: OpenProject,
  params: RunListParams,
  limit: number,
  make: typeof runFromRecord,
): Promise<RunListResult> {
  const after = params.cursor === undefined ? undefined : openCursor(params.cursor);
  const records = await project.records.list("run", {
    limit: limit + 1,
    ...(after ? { after: { createdAt: String(after["createdAt"]), id: String(after["id"]) } } : {}),
  });
  const shown = records.slice(0, limit);
  const last = shown[shown.length - 1];
  const more = records.length > limit && last;
  return {
    items: shown.map(make),
    ...(more ? { nextCursor: sealCursor({ createdAt: last.createdAt, id: last.id }) } : {}),
  };
}

/** Cuts a character that was only half read off the end, unless nothing more will come now. */
function wholeCharacters(bytes: Buffer, atEnd: boolean): Buffer {
  if (atEnd) return bytes;
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}
