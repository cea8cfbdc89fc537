import type { CallContext } from "../domain/call-context.ts";
import { isDatmoError } from "../protocol/errors.ts";
import type { Handlers } from "../protocol/methods.ts";
import { buildMethod } from "../services/environments/build-environment.ts";
import { listCatalogue } from "../services/environments/catalog/catalogues.ts";
import { createEnvironment, setupEnvironment } from "../services/environments/create-environment.ts";
import { getEnvironment, listEnvironments } from "../services/environments/environment-queries.ts";
import {
  deleteEnvironments,
  updateEnvironment,
  useEnvironment,
} from "../services/environments/environment-service.ts";
import { exportEnvironment } from "../services/environments/export-environment.ts";
import type { OpenProject } from "../services/project/open-project.ts";
import type { Services } from "../services/services.ts";

type Noun =
  | "environment.catalog"
  | "environment.setup"
  | "environment.create"
  | "environment.get"
  | "environment.list"
  | "environment.update"
  | "environment.use"
  | "environment.build"
  | "environment.delete"
  | "environment.export";

export function environmentMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "environment.catalog": async (_params, { signal }) => listCatalogue(await projectIfAny(s), signal),
    "environment.setup": async (params, ctx) => setupEnvironment((await s.project()).project, params, ctx),
    "environment.create": async (params, ctx) => createEnvironment((await s.project()).project, params, ctx),
    "environment.get": async ({ id }) => getEnvironment((await s.project()).project, id),
    "environment.list": async (params) => listEnvironments((await s.project()).project, params),
    "environment.update": async (params) => ({
      environment: await updateEnvironment((await s.project()).project, params),
    }),
    "environment.use": async (params) => useEnvironment((await s.project()).project, params),
    "environment.build": async (params, ctx) =>
      buildMethod((await s.project()).project, params, withOutput(params.originId, ctx)),
    "environment.delete": async (params) => deleteEnvironments((await s.project()).project, params),
    "environment.export": async (params, ctx) => exportEnvironment((await s.project()).project, params, ctx),
  };
}

/** What can be set up can be asked anywhere. */
function projectIfAny({ access }: Services): Promise<OpenProject | undefined> {
  return access.current().catch((error: unknown) => {
    if (isDatmoError(error) && error.kind === "PROJECT_NOT_FOUND") return undefined;
    throw error;
  });
}

/** Sends what the builder prints to whoever asked for the build. */
function withOutput(originId: string | undefined, ctx: CallContext) {
  let environmentId = "";
  return {
    signal: ctx.signal,
    progress: ctx.progress.bind(ctx),
    began: (id: string): void => {
      environmentId = id;
    },
    output: (text: string): void =>
      ctx.notify("environment.buildOutput", { environmentId, ...(originId ? { originId } : {}), text }),
  };
}
