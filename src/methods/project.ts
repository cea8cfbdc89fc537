import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import { projectOf } from "../services/project/project-record.ts";
import { createProject, deleteProject, doctor, updateProject } from "../services/project/project-service.ts";
import { projectStatus } from "../services/project/project-status.ts";
import type { Services } from "../services/services.ts";

type Noun =
  | "project.create"
  | "project.get"
  | "project.update"
  | "project.status"
  | "project.delete"
  | "project.doctor";

export function projectMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "project.create": (params) => createProject(s.access, s.factory, params),
    "project.get": async () => ({ project: await projectOf((await s.project()).project) }),
    "project.update": async (params) => ({
      project: await updateProject((await s.project()).project, params),
    }),
    "project.status": async (params, ctx) => projectStatus((await s.project()).project, params, ctx),
    "project.delete": (params) => deleteProject(s.access, params.confirm),
    "project.doctor": () => doctor(s.access, s.options),
  };
}
