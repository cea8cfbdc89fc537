import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { gpuWish } from "../../../domain/gpu-wish.ts";
import { PROJECT_LABEL } from "../../environments/remove-of-project.ts";
import type { ContainerSpec } from "../../ports/containers.ts";
import type { OpenProject } from "../../project/open-project.ts";
import type { ExecutionPlan } from "../execution-plan.ts";
import { dataPlaces, linkData } from "./data-places.ts";
import { shellTools, TOOLS_INSIDE } from "./shell-writer.ts";

/**
 * The container of a run; undefined for one on the machine itself. `links`: inputs that an isolated copy only links
 * to, relative to its root. `more`: ports besides those of the plan.
 */
export async function containerOfRun(
  project: OpenProject,
  plan: ExecutionPlan,
  root: string,
  links: readonly string[],
  more: ContainerSpec["ports"] = [],
): Promise<ContainerSpec | undefined> {
  const { image, program, user = "0:0" } = plan.built ?? {};
  if (image === undefined) return undefined;
  const { gpu, memoryBytes, cpus, ports = [] } = plan;
  const gpus = gpu === undefined ? undefined : gpuWish(gpu);
  const data = await dataPlaces(project, root, plan.data ?? []);
  return {
    image: program?.image ?? image.id,
    root,
    user,
    ports: [...ports, ...more],
    ...(gpus ? { gpus } : {}),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(cpus === undefined ? {} : { cpus }),
    mounts: [
      ...data.map(({ name, source, readOnly }) => ({ source, target: `/data/${name}`, readOnly })),
      ...(await linkedInputs(project, links)),
      { source: await shellTools(project), target: TOOLS_INSIDE, readOnly: true },
    ],
    tools: TOOLS_INSIDE,
    labels: { [PROJECT_LABEL]: project.id, "datmo.environment": plan.environment.id },
  };
}

/** The data folder of a command on the machine itself. */
export async function linkDataOfRun(project: OpenProject, plan: ExecutionPlan, root: string): Promise<void> {
  await linkData(project.taskDirectory(plan.id), await dataPlaces(project, root, plan.data ?? []));
}

/** Links of the copy lead to the same places inside. */
async function linkedInputs(
  project: OpenProject,
  links: readonly string[],
): Promise<ContainerSpec["mounts"]> {
  const mounts: { source: string; target: string; readOnly: boolean }[] = [];
  for (const link of links) {
    const target = join(project.directory, link);
    const source = await realpath(target).catch(() => undefined);
    if (source !== undefined) mounts.push({ source, target, readOnly: true });
  }
  return mounts;
}
