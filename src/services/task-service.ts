import { type TaskDefinition, taskDefinition, taskFromRecord, taskId } from "../domain/task-record.ts";
import type {
  Run,
  TaskCreateParams,
  TaskCreateResult,
  TaskGetResult,
  TaskListParams,
  TaskListResult,
} from "../protocol/types.ts";
import type { Json } from "../util/json.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { findRecord } from "./lookup.ts";
import type { OpenProject } from "./project/open-project.ts";
import { everyRun } from "./runs/run-queries.ts";
import { insideProject } from "./snapshots/input-files.ts";

const DEFAULT_LIMIT = 100;
/** Runs that are told with a task. */
const MOST_RUNS = 100;

/** Keeps a task; the same definition is the same task. */
export async function createTask(project: OpenProject, params: TaskCreateParams): Promise<TaskCreateResult> {
  const directory = params.directory === undefined ? "" : insideProject(project.directory, params.directory);
  const definition: TaskDefinition = taskDefinition({ ...params, directory });
  const id = taskId(definition);
  const known = await project.records.get("task", id);
  if (known) return { task: taskFromRecord(known), created: false };
  const createdAt = new Date().toISOString();
  await project.records.commit([
    { kind: "task", id, set: { definition: definition as unknown as Json, createdAt } },
  ]);
  return { task: { id, ...definition, createdAt }, created: true };
}

/** A task with the newest of its runs. */
export async function getTask(project: OpenProject, asked: string): Promise<TaskGetResult> {
  const record = await findRecord(project, "task", asked);
  const runs: Run[] = [];
  let count = 0;
  for await (const run of everyRun(project)) {
    if (run.taskId !== record.id) continue;
    count++;
    if (runs.length < MOST_RUNS) runs.push(run);
  }
  return { task: { ...taskFromRecord(record), runs: count }, runs };
}

export async function listTasks(project: OpenProject, params: TaskListParams): Promise<TaskListResult> {
  const limit = params.limit ?? DEFAULT_LIMIT;
  const after = params.cursor === undefined ? undefined : openCursor(params.cursor);
  const records = await project.records.list("task", {
    limit: limit + 1,
    ...(after ? { after: { createdAt: String(after["createdAt"]), id: String(after["id"]) } } : {}),
  });
  const items = records.slice(0, limit);
  const last = items[items.length - 1];
  const more = records.length > limit && last;
  const counts = new Map(items.map(({ id }) => [id, 0]));
  for await (const { taskId } of everyRun(project)) {
    const known = taskId === undefined ? undefined : counts.get(taskId);
    if (known !== undefined) counts.set(taskId as string, known + 1);
  }
  return {
    items: items.map((record) => ({ ...taskFromRecord(record), runs: counts.get(record.id) ?? 0 })),
    ...(more ? { nextCursor: sealCursor({ createdAt: last.createdAt, id: last.id }) } : {}),
  };
}
