import { join } from "node:path";
import { fillPlaceholders } from "../../domain/command-text.ts";
import { HOST_ID } from "../../domain/environment-record.ts";
import { fieldPath, flattenFields } from "../../domain/field-paths.ts";
import { maskConfig } from "../../domain/secrets.ts";
import {
  needsOf,
  type TaskDefinition,
  type TaskNeeds,
  taskDefinition,
  taskId,
} from "../../domain/task-record.ts";
import type { PlannedWorkspace } from "../../domain/workspace.ts";
import type { Command } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { CaptureHints } from "../ports/capture.ts";
import type { Command as DriverCommand } from "../ports/drivers.ts";
import type { OpenProject } from "../project/open-project.ts";
import { isMasked } from "./credentials.ts";

/** Everything that is decided before an executed run starts. Kept in `plan.json` for a supervisor. */
export interface ExecutionPlan extends TaskNeeds {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly command: Command;
  /** Working directory relative to the root the run works on. */
  readonly directory?: string;
  readonly driver: string;
  readonly environment: PlannedEnvironment;
  /** Present when the environment is ready. */
  readonly built?: BuiltPlace;
  readonly timeoutMs?: number;
  /** Values may be secrets: never written to disk. */
  readonly variables?: { readonly [name: string]: string };
  readonly secrets?: PlannedSecrets;
  readonly interactive: boolean;
  readonly parse: boolean;
  /** Name of the parser. Absent: the built-in one, unless `parse` is false. */
  readonly parser?: string;
  /** False: what it uses is not measured. */
  readonly usage?: boolean;
  readonly isolated: boolean;
  readonly config: JsonObject;
  readonly tags: readonly string[];
  readonly group?: string;
  readonly note?: string;
  readonly message?: string;
  readonly originId?: string;
  readonly rerunOf?: string;
  /** Run on this state instead of the project as it is; implies `isolated`. */
  readonly snapshotId?: string;
  readonly snapshotTree?: string;
  /** Id of the task when the command is known only masked. */
  readonly taskId?: string;
  /** Present when a person works in it. */
  readonly workspace?: PlannedWorkspace;
}

/** Secrets of a run: where they come from, and what they are now. */
export interface PlannedSecrets {
  readonly names: readonly string[];
  readonly envFiles: readonly string[];
  /** Never written to disk. */
  readonly values: { readonly [name: string]: string };
}

/** A plan that may be written: its secrets are asked for again by who starts it. */
export function withoutSecretValues<P extends ExecutionPlan>(plan: P): P {
  return plan.secrets ? { ...plan, secrets: { ...plan.secrets, values: {} } } : plan;
}

/** Where a run is carried out, and why there. */
export interface PlannedEnvironment {
  readonly id: string;
  readonly kind: "host" | "venv" | "docker";
  readonly name: string;
  /** As the end of a sentence. */
  readonly reason: string;
  /** Image of the run that is repeated: used while it exists. */
  readonly image?: string;
  /** Its names in registries, by which it can be had again. */
  readonly digests?: readonly string[];
}

/** What came of the environment on this machine. */
export interface BuiltPlace {
  /** Content id of the image, and its names in registries. */
  readonly image?: { readonly id: string; readonly digests: readonly string[] };
  /** `uid:gid` in the container. */
  readonly user?: string;
  /** Laid over the engine's own variables; null takes one away. */
  readonly variables?: { readonly [name: string]: string | null };
  /** The interpreter that the command gets. */
  readonly python?: string;
  /** The program of a workspace, where it is not the environment's own. */
  readonly program?: PlacedProgram;
}

/** Where a workspace's program was found or put. */
export interface PlacedProgram {
  /** Content id of the image that has it on top of the environment's. */
  readonly image?: string;
  /** First words of its command. */
  readonly words?: readonly string[];
  /** The environment's Python, and the folder with what a kernel in it needs. */
  readonly kernel?: { readonly python: string; readonly site: string };
}

/** Fields of the new run's record and of its task. */
export function planRecords(plan: ExecutionPlan): {
  readonly run: Record<string, Json>;
  readonly task: { readonly id: string; readonly set: Record<string, Json> };
} {
  const definition = planTask(plan);
  const task = plan.taskId ?? taskId(definition);
  return {
    task: { id: task, set: { definition: definition as unknown as Json, createdAt: plan.createdAt } },
    run: {
      createdAt: plan.createdAt,
      name: plan.name,
      type: plan.workspace?.kind ?? "script",
      origin: "executed",
      status: "preparing",
      command: definition.command as unknown as Json,
      driver: plan.driver,
      taskId: task,
      environmentId: plan.environment.id,
      environment: {
        name: plan.environment.name,
        kind: plan.environment.kind,
        reason: plan.environment.reason,
      },
      ...(needsOf(plan) as Record<string, Json>),
      parse: plan.parse,
      ...optional("parser", plan.parser),
      ...(plan.usage === false ? { usage: false } : {}),
      ...optional("directory", plan.directory),
      ...optional("group", plan.group),
      ...optional("note", plan.note),
      ...optional("message", plan.message),
      ...optional("rerunOf", plan.rerunOf),
      ...(plan.timeoutMs === undefined ? {} : { timeoutMs: plan.timeoutMs }),
      ...(plan.isolated ? { isolated: true } : {}),
      ...(isMasked(plan.command) ? { commandMasked: true } : {}),
      ...Object.fromEntries(plan.tags.map((tag) => [fieldPath("tags", tag), true])),
      ...flattenFields("config", maskConfig(plan.config)),
    },
  };
}

function planTask(plan: ExecutionPlan): TaskDefinition {
  const { environment, secrets, ...rest } = plan;
  return taskDefinition({
    ...rest,
    ...(secrets ? { secrets: secrets.names, envFiles: secrets.envFiles } : {}),
    ...(environment.id === HOST_ID ? {} : { environmentId: environment.id }),
  });
}

/** The command with config values in it, as drivers take it. */
export function driverCommand(plan: ExecutionPlan): DriverCommand {
  const command = fillPlaceholders(plan.command, plan.config);
  return typeof command === "string" ? { kind: "shell", text: command } : { kind: "argv", argv: command };
}

/** By what the Python of the command is found, the same for the snapshots before and after it. */
export function captureHints(plan: ExecutionPlan): CaptureHints {
  const { python, program } = plan.built ?? {};
  const told = program?.kernel?.python ?? python;
  return {
    command: program?.words ? { kind: "argv", argv: program.words } : driverCommand(plan),
    ...(told === undefined ? {} : { pythonExecutable: told }),
  };
}

/**
 * The environment of the command: the engine's own, the run's variables, and where things are. In a container and on
 * other machines this one's own do not belong, and the driver says where things are.
 */
export function planEnvironment(
  project: OpenProject,
  plan: ExecutionPlan,
  root: string,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  if (plan.built?.image !== undefined || plan.driver !== "host")
    return { ...plan.variables, ...plan.secrets?.values };
  const task = project.taskDirectory(plan.id);
  const merged: Record<string, string | null | undefined> = {
    // A file is not a terminal, so Python would hold back what it prints until a block is full.
    PYTHONUNBUFFERED: "1",
    ...own,
    ...plan.built?.variables,
    ...plan.variables,
    ...plan.secrets?.values,
    DATMO_RUN_ID: plan.id,
    DATMO_TASK_DIR: task,
    DATMO_DATA_DIR: plan.data ? dataFolder(task) : join(root, "data"),
    DATMO_CONFIG: join(task, "config.json"),
    DATMO_PROJECT_DIR: root,
  };
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(merged))
    if (typeof value === "string") environment[name] = value;
  return environment;
}

/** Where a command on the machine itself finds the data that was named for it. */
export function dataFolder(taskDirectory: string): string {
  return join(taskDirectory, ".data");
}

function optional(key: string, value: string | undefined): Record<string, Json> {
  return value === undefined ? {} : { [key]: value };
}
