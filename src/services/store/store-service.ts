import type { StoreFsckResult } from "../../protocol/types.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";

/** Reads records and snapshots through and says what is damaged. Changes nothing. */
export async function checkStore(project: OpenProject, options: WorkOptions): Promise<StoreFsckResult> {
  options.progress?.({ message: "Reading the records" });
  const problems = await project.records.check(options.signal);
  options.progress?.({ message: "Reading the snapshots" });
  const objects = [...(await project.snapshots.check(options)), ...(await lostSnapshots(project))];
  return {
    clean: problems.length === 0 && objects.length === 0,
    problems: problems.map((problem) => ({ ...problem })),
    objects: objects.map((object) => ({ ...object })),
  };
}

/** Snapshots that are recorded and not in the git store. */
async function lostSnapshots(project: OpenProject): Promise<StoreFsckResult["objects"]> {
  const records = await project.records.list("snapshot");
  const stored = new Set(await project.snapshots.ids());
  return records
    .filter(({ id }) => !stored.has(id))
    .map(({ id }) => ({ path: `snapshot ${id}`, problem: "it is not in .datmo/git", snapshots: [id] }));
}
