import { createHash } from "node:crypto";
import { commandText, fillPlaceholders, plainText, quoteWord } from "../../domain/command-text.ts";
import { nestFields } from "../../domain/field-paths.ts";
import { FROM_FIELD, TRUSTED_FIELD } from "../../domain/local-fields.ts";
import { canonicalJson, type TaskDefinition } from "../../domain/task-record.ts";
import { errors } from "../../protocol/errors.ts";
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
  const from = [run, task, snapshot]
    .map(({ fields }) => fields[FROM_FIELD])
    .find((field) => field !== undefined);
  if (from === undefined) return;
  const seen = digestOf(execution);
  if (run.fields[TRUSTED_FIELD] === seen) return;
  const definition = task.fields["definition"] as unknown as TaskDefinition;
  const { command, directory, variables } = definition;
  if (!trust) {
    const set = Object.entries(variables ?? {}).map(([name, value]) => `${name}=${quoteWord(value)}`);
    throw errors.RUN_TRUST_NEEDED({
      id: run.id,
      from: String(from),
      command: plainText(commandText(fillPlaceholders(command, config))),
      directory: directory === undefined ? "the project's folder" : plainText(directory),
      place: plainText(placeText(definition)),
      variables: set.length > 0 ? plainText(set.join(" ")) : "no variables",
    });
  }
  await project.records.commit([{ kind: "run", id: run.id, set: { [TRUSTED_FIELD]: seen } }]);
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
    image: run.fields["image"] ?? null,
    snapshot: snapshot.id,
    code: snapshot.fields["codeTree"] ?? null,
    files: snapshot.fields["filesTree"] ?? null,
  };
  return createHash("sha256").update(canonicalJson(seen)).digest("hex");
}
