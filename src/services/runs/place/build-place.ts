import { stat } from "node:fs/promises";
import { gpuWish } from "../../../domain/gpu-wish.ts";
import { repositoryOf } from "../../../domain/image-name.ts";
import { errors } from "../../../protocol/errors.ts";
import { activateVenv, interpreterIn } from "../../environments/activate-venv.ts";
import { type BuildOptions, buildEnvironment } from "../../environments/build-environment.ts";
import { recordedDefinition } from "../../environments/definition-of-record.ts";
import type { ImageFacts } from "../../ports/containers.ts";
import type { StoredRecord } from "../../ports/records.ts";
import type { OpenProject } from "../../project/open-project.ts";
import type { BuiltPlace, ExecutionPlan } from "../execution-plan.ts";
import type { RunEvents } from "../run-events.ts";

/** What building needs besides the plan. */
export interface BuildContext {
  readonly project: OpenProject;
  readonly events: RunEvents;
  /** The environment that commands inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Makes what the run needs on this machine, unless it is there: image or venv. */
export async function buildPlace(
  context: BuildContext,
  plan: ExecutionPlan,
  options: BuildOptions,
): Promise<BuiltPlace> {
  const place = await environmentPlace(context, plan, options);
  if (plan.workspace === undefined) return place;
  const { addProgram } = await import("../../workspaces/add-program.ts");
  return addProgram(context, plan, place, options);
}

async function environmentPlace(
  context: BuildContext,
  plan: ExecutionPlan,
  options: BuildOptions,
): Promise<BuiltPlace> {
  const { project } = context;
  const { kind } = plan.environment;
  if (kind === "docker") return containerPlace(context, plan, options);
  const venv = kind === "venv" ? await venvPlace(context, plan, options) : {};
  if (plan.gpu === undefined) return venv;
  return { ...venv, variables: { ...venv.variables, ...(await gpuVariables(project, plan.gpu)) } };
}

async function containerPlace(
  context: BuildContext,
  plan: ExecutionPlan,
  options: BuildOptions,
): Promise<BuiltPlace> {
  const { project } = context;
  const image = (await recordedImage(context, plan, options)) ?? (await builtImage(context, plan, options));
  const { rootless } = await project.containers.facts(options);
  const { uid, gid } = await stat(project.directory);
  // The root of a rootless engine's containers is the user.
  const user = rootless ? "0:0" : `${uid}:${gid}`;
  return { image: { id: image.id, digests: image.digests }, user };
}

/** The very image that the repeated run had, when it is still there. */
async function recordedImage(
  context: BuildContext,
  plan: ExecutionPlan,
  options: BuildOptions,
): Promise<ImageFacts | undefined> {
  const { containers } = context.project;
  const { image: wanted, digests = [], name } = plan.environment;
  if (wanted === undefined) return undefined;
  const image = await containers.image(wanted);
  if (image) return image;
  const gone = `The image of the original run (${wanted.slice(0, 19)}) is not here`;
  const named = recordedDefinition(await environmentRecord(context.project, plan)).image;
  // A run may have come from elsewhere: what it calls its image must be one of its environment's.
  for (const digest of digests.filter((one) => named && repositoryOf(one) === repositoryOf(named))) {
    options.progress?.({ message: `Getting ${digest}` });
    const pulled = await containers.pull(digest, options).catch((error: unknown) => {
      if (options.signal?.aborted) throw error;
      return undefined;
    });
    if (pulled === undefined) continue;
    tell(context, plan, [`${gone}: it was got again by its digest.`]);
    return pulled;
  }
  tell(context, plan, [`${gone} any more: ${name} is built again.`]);
  return undefined;
}

async function builtImage(
  context: BuildContext,
  plan: ExecutionPlan,
  options: BuildOptions,
): Promise<ImageFacts> {
  const record = await environmentRecord(context.project, plan);
  const { image, notes } = await buildEnvironment(context.project, record, options);
  tell(context, plan, notes);
  if (!image) throw errors.ENVIRONMENT_INVALID({ source: plan.environment.name, reason: "it made no image" });
  return image;
}

async function venvPlace(
  context: BuildContext,
  plan: ExecutionPlan,
  options: BuildOptions,
): Promise<BuiltPlace> {
  const record = await environmentRecord(context.project, plan);
  const { venv, notes } = await buildEnvironment(context.project, record, options);
  tell(context, plan, notes);
  if (!venv) throw errors.ENVIRONMENT_INVALID({ source: plan.environment.name, reason: "it made no venv" });
  const changed = Object.entries(activateVenv(venv, context.environment));
  return {
    variables: Object.fromEntries(changed.map(([name, value]) => [name, value ?? null])),
    ...(venv.directory === undefined ? {} : { python: interpreterIn(venv.directory) }),
  };
}

async function environmentRecord(project: OpenProject, plan: ExecutionPlan): Promise<StoredRecord> {
  const record = await project.records.get("environment", plan.environment.id);
  if (record) return record;
  throw errors.ENVIRONMENT_NOT_FOUND({ id: plan.environment.id });
}

function tell({ events }: BuildContext, { id, originId }: ExecutionPlan, notes: readonly string[]): void {
  for (const message of notes) {
    events.note({ runId: id, ...(originId === undefined ? {} : { originId }), message });
  }
}

/** On the machine itself GPUs are chosen by variables, which every common library obeys. */
async function gpuVariables(project: OpenProject, gpu: string): Promise<Record<string, string>> {
  const { gpus } = await project.capture.machine();
  const wish = gpuWish(gpu);
  if (gpus.length === 0) {
    const how = "`datmo doctor` says what was looked for; or leave --gpu out.";
    throw errors.GPU_NOT_AVAILABLE({
      missing: "this machine has none that its driver tells of",
      how,
      reason: "",
    });
  }
  if (wish === undefined || wish.kind === "all") return {};
  if (wish.kind === "count" && wish.count > gpus.length) {
    throw errors.GPU_MISMATCH({ asked: String(wish.count), seen: String(gpus.length) });
  }
  const ids = wish.kind === "count" ? Array.from({ length: wish.count }, (_, index) => index) : wish.ids;
  return { CUDA_VISIBLE_DEVICES: ids.join(","), HIP_VISIBLE_DEVICES: ids.join(",") };
}
