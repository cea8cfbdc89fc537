import { basename } from "node:path";
import type { Project } from "../../protocol/types.ts";
import type { OpenProject } from "./open-project.ts";

/** The project as the protocol shows it. */
export async function projectOf(project: OpenProject): Promise<Project> {
  const record = await project.records.get("project", project.id);
  const fields = record?.fields ?? {};
  const createdAt = record?.createdAt ?? new Date(0).toISOString();
  return {
    id: project.id,
    name: (fields["name"] as string | undefined) ?? basename(project.directory),
    description: (fields["description"] as string | undefined) ?? "",
    directory: project.directory,
    createdAt,
    updatedAt: (fields["updatedAt"] as string | undefined) ?? createdAt,
  };
}
