// generated from protocol/, do not edit; npm run generate
/** A JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A method that plugins and agents may be given. */
export type GrantableMethod =
  | "config.log"
  | "environment.catalog"
  | "environment.setup"
  | "environment.create"
  | "environment.get"
  | "environment.list"
  | "environment.update"
  | "environment.use"
  | "environment.build"
  | "environment.delete"
  | "environment.export"
  | "file.log"
  | "file.list"
  | "file.get"
  | "graph.get"
  | "metric.log"
  | "metric.list"
  | "metric.history"
  | "project.get"
  | "project.update"
  | "project.status"
  | "project.doctor"
  | "queue.add"
  | "queue.list"
  | "queue.claim"
  | "queue.cancel"
  | "run.start"
  | "run.create"
  | "run.finish"
  | "run.get"
  | "run.list"
  | "run.update"
  | "run.delete"
  | "run.undelete"
  | "run.wait"
  | "run.stop"
  | "run.logs"
  | "run.diff"
  | "run.rerun"
  | "run.verify"
  | "snapshot.create"
  | "snapshot.get"
  | "snapshot.list"
  | "snapshot.update"
  | "snapshot.delete"
  | "snapshot.checkout"
  | "snapshot.diff"
  | "sweep.start"
  | "sweep.get"
  | "sweep.list"
  | "task.create"
  | "task.get"
  | "task.list"
  | "task.run"
  | "workspace.start"
  | "workspace.stop";

export interface ToolSchema {
  readonly description: string;
  /** JSON Schema 2020-12, without references. */
  readonly params: JsonSchema;
  /** JSON Schema 2020-12; refers to `#/$defs/NAME`, which `resultShapes` has. */
  readonly result: JsonSchema;
}

export const toolSchemas: Readonly<Record<GrantableMethod, ToolSchema>>;

export const resultShapes: Readonly<Record<string, JsonSchema>>;
