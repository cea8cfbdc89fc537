import { HOST_ID } from "../../domain/environment-record.ts";
import { needsOf, type TaskDefinition } from "../../domain/task-record.ts";
import type { JsonObject } from "../../util/json.ts";
import type { EnvironmentChoice } from "../environments/resolve.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { commandNeeds, knownVariables, maskedKeys } from "./credentials.ts";
import type { ExecutionContext } from "./execution.ts";
import type { ExecutionPlan } from "./execution-plan.ts";
import type { PlannedPlace } from "./place/plan-place.ts";

/* What a task that was kept gives a plan, whether a run is repeated or the task is applied to a state. */

/** What is asked for besides the definition. */
export interface KeptTask {
  readonly definition: TaskDefinition;
  readonly config: JsonObject;
  readonly timeoutMs?: number | undefined;
  readonly secretValues?: Readonly<Record<string, string>> | undefined;
  /** What is begun, as a message calls it. */
  readonly noun: "run" | "rerun";
  /** Makes the error for what cannot be executed. */
  refuse(reason: string): Error;
}

type Said = "command" | "directory" | "timeoutMs" | "variables" | "secrets" | "interactive" | "config";

/**
 * Command, variables and limits. Credentials were not kept: nothing is executed with `***` in their place, and
 * whoever reads them elsewhere is told. Secrets are asked for anew: throws SECRET_MISSING.
 */
export async function taskParts(
  context: ExecutionContext,
  task: KeptTask,
): Promise<Pick<ExecutionPlan, Said> & { readonly isolated: true }> {
  const { definition, config } = task;
  const timeoutMs = task.timeoutMs ?? definition.timeoutMs;
  const variables = variablesOf(context, task);
  const { secretsOf } = await import("./secrets.ts");
  const secrets = await secretsOf(context, definition, task.secretValues);
  return {
    command: definition.command,
    ...(definition.directory === undefined ? {} : { directory: definition.directory }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(variables === undefined ? {} : { variables }),
    ...(secrets ? { secrets } : {}),
    interactive: definition.interactive === true,
    isolated: true,
    config,
  };
}

/**
 * Where the task says. Its data is looked for when the copy is there, for that may hold it. `choice`: another place.
 */
export async function taskPlace(
  { project }: ExecutionContext,
  definition: TaskDefinition,
  { reason, choice }: { readonly reason: string; readonly choice?: EnvironmentChoice },
  options: WorkOptions,
): Promise<PlannedPlace> {
  const { planPlace } = await import("./place/plan-place.ts");
  const { data, ...needs } = needsOf(definition);
  const kept = data ? { data } : {};
  if (choice) return { ...(await planPlace(project, choice, needs, options)), ...kept };
  const id = definition.environmentId ?? HOST_ID;
  const own = { environment: id === HOST_ID ? "host" : id, driver: definition.driver };
  const place = await planPlace(project, own, needs, options);
  const { name, kind } = place.environment;
  const notes = id === HOST_ID ? [] : [`Environment ${name} (${kind}): ${reason}.`];
  return { ...place, ...kept, environment: { ...place.environment, reason }, notes };
}

function variablesOf(
  { environment, events }: ExecutionContext,
  { definition, config, noun, refuse }: KeptTask,
): Record<string, string> | undefined {
  const { command, variables } = definition;
  const keys = maskedKeys(config);
  const needed = keys.find((key) => commandNeeds(command, config, key));
  if (needed !== undefined)
    throw refuse(`its command needs ${needed}, which is not kept; give it with -c ${needed}=…`);
  const { known, masked } = knownVariables(variables ?? {});
  const missing = [...keys, ...masked.filter((name) => environment[name] === undefined)];
  if (missing.length > 0)
    events.warn(`credentials are not kept and are missing in this ${noun}: ${missing.join(", ")}`);
  return variables === undefined ? undefined : known;
}
