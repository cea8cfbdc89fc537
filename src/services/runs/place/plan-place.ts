import { gpuWish } from "../../../domain/gpu-wish.ts";
import { needsOf, type TaskNeeds } from "../../../domain/task-record.ts";
import { errors } from "../../../protocol/errors.ts";
import { type EnvironmentChoice, resolveEnvironment } from "../../environments/resolve.ts";
import type { WorkOptions } from "../../ports/snapshots.ts";
import type { OpenProject } from "../../project/open-project.ts";
import { driverNamed } from "../drivers.ts";
import type { PlannedEnvironment } from "../execution-plan.ts";
import { plannedData } from "./data-places.ts";

/** Where a run is to be carried out, and what it asks of that place. */
export interface PlannedPlace extends TaskNeeds {
  readonly driver: string;
  readonly environment: PlannedEnvironment;
  /** Sentences to be told before the run. */
  readonly notes: readonly string[];
}

/**
 * Decides where a run is carried out, before anything of it is recorded. Throws what cannot be: an environment that
 * is not known or does not fit the driver, limits that need a container, data that is missing.
 */
export async function planPlace(
  project: OpenProject,
  choice: EnvironmentChoice,
  needs: TaskNeeds,
  options: WorkOptions,
): Promise<PlannedPlace> {
  if (choice.driver !== undefined) await driverNamed(project, choice.driver);
  checkGpu(needs.gpu);
  const found = await resolveEnvironment(project, choice, options);
  const { id, kind, name, reason, driver } = found;
  if (kind !== "docker") refuseLimits(needs, reason);
  const data = needs.data && needs.data.length > 0 ? await plannedData(project, needs.data) : undefined;
  const told = found.rule === "default" ? [] : [`Environment ${name} (${kind}): ${reason}.`];
  return {
    driver,
    environment: { id, kind, name, reason },
    ...needsOf({ ...needs, ...(data ? { data } : {}) }),
    notes: [...told, ...found.notes, ...(found.hint === undefined ? [] : [found.hint])],
  };
}

function checkGpu(gpu: string | undefined): void {
  if (gpu === undefined || gpuWish(gpu)) return;
  const summary = `"${gpu}" names no GPUs.`;
  const problems = [{ path: "/gpu", message: "must be all, a number of GPUs, or their ids" }];
  throw errors.INVALID_PARAMS({ summary, problems }, { hint: "Examples: all, 2, 0,1, device=0, GPU-uuid." });
}

/** The machine itself has no limits that datmo could set; leaving them out silently would break a promise. */
function refuseLimits({ memoryBytes, cpus, ports }: TaskNeeds, reason: string): void {
  const asked = [
    ...(memoryBytes === undefined ? [] : ["/memoryBytes"]),
    ...(cpus === undefined ? [] : ["/cpus"]),
    ...(ports === undefined || ports.length === 0 ? [] : ["/ports"]),
  ];
  if (asked.length === 0) return;
  const summary = `Limits and ports need a container, and this run is on the machine itself (${reason}).`;
  const problems = asked.map((path) => ({ path, message: "needs a docker environment" }));
  throw errors.INVALID_PARAMS(
    { summary, problems },
    { hint: "Add -e NAME with a docker environment, or leave them out." },
  );
}
