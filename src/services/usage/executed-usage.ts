import { gpuWish } from "../../domain/gpu-wish.ts";
import type { JsonObject } from "../../util/json.ts";
import type { Driver } from "../ports/drivers.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { GpuUse } from "../ports/usage.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ExecutionPlan } from "../runs/execution-plan.ts";
import { createRunFields, type RunFields } from "../runs/run-fields.ts";
import { type UsageWatch, watchUsage } from "./watch-usage.ts";

interface Owner {
  readonly project: OpenProject;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Measures what a run uses whose command this engine has just started. */
export function watchExecuted(
  { project, environment }: Owner,
  plan: ExecutionPlan,
  started: { readonly fields: RunFields; readonly driver: Driver; readonly startedAt: string },
): UsageWatch {
  const { fields, driver, startedAt } = started;
  return watchUsage({
    project,
    environment,
    fields,
    startedAt,
    isFresh: true,
    ...(plan.usage === undefined ? {} : { usage: plan.usage }),
    probe: () => driver.usage(project.taskDirectory(plan.id)),
    gpu: () => gpusOf(fields),
  });
}

/**
 * Takes up measuring runs whose engine is gone, and whose command goes on. One engine does it for each, as long as it
 * is there itself.
 */
export function createUsageTakeUp(owner: Owner): (record: StoredRecord, driver: Driver) => void {
  const { project } = owner;
  const watched = new Set<string>();
  return ({ id, createdAt, fields: known }, driver) => {
    const { startedAt, usage } = known;
    if (watched.has(id) || typeof startedAt !== "string" || usage === false) return;
    watched.add(id);
    const fields = createRunFields(project, id, createdAt, known);
    watchUsage({
      ...owner,
      fields,
      startedAt,
      isFresh: false,
      probe: () => driver.usage(project.taskDirectory(id)),
      gpu: () => gpusOf(fields),
      mayBegin: async () =>
        (await project.openRuns.read(id)) !== undefined && (await project.openRuns.claimUsage(id)),
      gone: () => void project.openRuns.releaseUsage(id).catch(() => undefined),
    });
  };
}

/** Those that a container sees, else those that the run asked for. Undefined: it asked for none. */
function gpusOf(fields: RunFields): GpuUse | undefined {
  const seen = (fields.get("container") as JsonObject | undefined)?.["gpus"] as
    | readonly JsonObject[]
    | undefined;
  const ids = seen?.flatMap((gpu) => idOf(gpu));
  if (ids && ids.length > 0) return { ids };
  const asked = fields.get("gpu");
  const wish = typeof asked === "string" ? gpuWish(asked) : undefined;
  if (!wish) return undefined;
  if (wish.kind === "count") return { ids: Array.from({ length: wish.count }, (_, index) => String(index)) };
  const isPlain = wish.kind === "devices" && wish.ids.every((id) => /^(\d+|GPU-.+)$/.test(id));
  return isPlain ? { ids: wish.ids } : {};
}

/** A uuid names one GPU everywhere; of a device file only its number is known. */
function idOf(gpu: JsonObject): string[] {
  const { uuid, device } = gpu;
  if (typeof uuid === "string" && uuid.startsWith("GPU-")) return [uuid];
  const number = /^\/dev\/nvidia(\d+)$/.exec(typeof device === "string" ? device : "")?.[1];
  return number === undefined ? [] : [number];
}
