import { DatmoError } from "../../protocol/errors.ts";
import type { OpenProject } from "../project/open-project.ts";

/** Label of everything that is made for a project: its id. */
export const PROJECT_LABEL = "datmo.project";

/** Removes containers and images with the project's label; what another project's container still uses stays. */
export async function removeOfProject(
  project: OpenProject,
): Promise<{ readonly images: number; readonly containers: number }> {
  const { containers } = project;
  const removed = { images: 0, containers: 0 };
  try {
    const found = await containers.labelled(PROJECT_LABEL, project.id);
    for (const id of found.containers) {
      await containers.removeContainer(id);
      removed.containers++;
    }
    for (const id of found.images) {
      if (await isGone(() => containers.removeImage(id))) removed.images++;
    }
  } catch (error) {
    // Nobody answers: what is there cannot be removed by us, and must not keep the project from going.
    if (!(error instanceof DatmoError)) throw error;
  }
  return removed;
}

async function isGone(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof DatmoError)) throw error;
    return false;
  }
}
