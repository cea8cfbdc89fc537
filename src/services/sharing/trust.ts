import { createHash } from "node:crypto";
import { commandText, fillPlaceholders, plainText, quoteWord } from "../../domain/command-text.ts";
import { nestFields } from "../../domain/field-paths.ts";
import { FROM_FIELD, TRUSTED_FIELD } from "../../domain/local-fields.ts";
import { canonicalJson, type TaskDefinition } from "../../domain/task-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Command } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";

/** Everything that decides what a rerun would execute. */
export interface Execution {
  readonly run: StoredRecord;
  readonly task: StoredRecord;
  readonly snapshot: StoredRecord;
  /** Config of the rerun: values of it may stand in the command. */
  readonly config: JsonObject;
}

/**
 * Lets a run that came from elsewhere, or whose task or snapshot did, be executed only when somebody has looked at
 * it: `trust` says so, and is remembered until any of it changes. Throws RUN_TRUST_NEEDED.
 */
export async function requireTrust(
  project: OpenProject,
  execution: Execution,
  trust: boolean,
): Promise<void> {
  const { run, task, snapshot, config } = execution;
  const from = originOf([run, task, snapshot]);
  if (from === undefined) return;
  const seen = digestOf(execution);
  if (run.fields[TRUSTED_FIELD] === seen) return;
  if (!trust) throw errors.RUN_TRUST_NEEDED({ id: run.id, from, ...told(task, config) });
  await project.records.commit([{ kind: "run", id: run.id, set: { [TRUSTED_FIELD]: seen } }]);
}

/**
 * The same for a task that is executed by itself, on a snapshot or on the project as it is. `config`: values of it may
 * stand in the command. Throws TASK_TRUST_NEEDED.
 */
export async function requireTaskTrust(
  project: OpenProject,
  {
    task,
    snapshot,
    config,
  }: { readonly task: StoredRecord; readonly snapshot?: StoredRecord; readonly config: JsonObject },
  trust: boolean,
): Promise<void> {
  const from = originOf(snapshot ? [task, snapshot] : [task]);
  if (from === undefined) return;
  const { codeTree, filesTree } = snapshot?.fields ?? {};
  const definition = task.fields["definition"] ?? null;
  const seen = hashOf({
    definition,
    config,
    snapshot: snapshot?.id ?? null,
    code: codeTree ?? null,
    files: filesTree ?? null,
  });
  if (task.fields[TRUSTED_FIELD] === seen) return;
  if (!trust) throw errors.TASK_TRUST_NEEDED({ id: task.id, from, ...told(task, config) });
  await project.records.commit([{ kind: "task", id: task.id, set: { [TRUSTED_FIELD]: seen } }]);
}

/**
 * The same for a command of one's own on somebody else's state: what it executes is their code. Remembered with the
 * snapshot. Throws SNAPSHOT_TRUST_NEEDED.
 */
export async function requireSnapshotTrust(
  project: OpenProject,
  { snapshot, command }: { readonly snapshot: StoredRecord; readonly command: Command },
  trust: boolean,
): Promise<void> {
  const from = originOf([snapshot]);
  if (from === undefined) return;
  const { codeTree, filesTree } = snapshot.fields;
  const seen = hashOf({ command: command as Json, code: codeTree ?? null, files: filesTree ?? null });
  if (snapshot.fields[TRUSTED_FIELD] === seen) return;
  if (!trust) {
    const shown = plainText(commandText(command));
    throw errors.SNAPSHOT_TRUST_NEEDED({ id: snapshot.id, from, command: shown });
  }
  await project.records.commit([{ kind: "snapshot", id: snapshot.id, set: { [TRUSTED_FIELD]: seen } }]);
}

function originOf(records: readonly StoredRecord[]): string | undefined {
  const from = records.map(({ fields }) => fields[FROM_FIELD]).find((field) => field !== undefined);
  return from === undefined ? undefined : String(from);
}

/** What somebody has to look at. */
function told(
  { fields }: StoredRecord,
  config: JsonObject,
): { command: string; directory: string; place: string; variables: string } {
  const definition = fields["definition"] as unknown as TaskDefinition;
  const { command, directory, variables, secrets = [], envFiles = [] } = definition;
  const set = Object.entries(variables ?? {}).map(([name, value]) => `${name}=${quoteWord(value)}`);
  return {
    command: plainText(commandText(fillPlaceholders(command, config))),
    directory: directory === undefined ? "the project's folder" : plainText(directory),
    place: plainText(placeText(definition)),
    variables: [
      set.length > 0 ? plainText(set.join(" ")) : "no variables",
      ...secrets.map((name) => plainText(`your own ${name}`)),
      ...envFiles.map((path) => plainText(`what your ${path} says`)),
    ].join(", "),
  };
}

function placeText({ environmentId, data = [] }: TaskDefinition): string {
  const where =
    environmentId === undefined ? "on the machine itself" : `in the environment ${environmentId.slice(0, 8)}`;
  const sources = data.map(({ source }) => source);
  return sources.length === 0 ? where : `${where}, with the data ${sources.join(", ")}`;
}

function digestOf({ run, task, snapshot }: Execution): string {
  const seen: Json = {
    definition: task.fields["definition"] ?? null,
    config: nestFields("config", run.fields),
    parse: run.fields["parse"] ?? null,
    ...(run.fields["parser"] === undefined ? {} : { parser: run.fields["parser"] }),
    image: run.fields["image"] ?? null,
    snapshot: snapshot.id,
    code: snapshot.fields["codeTree"] ?? null,
    files: snapshot.fields["filesTree"] ?? null,
  };
  return hashOf(seen);
}

function hashOf(seen: Json): string {
  return createHash("sha256").update(canonicalJson(seen)).digest("hex");
}
