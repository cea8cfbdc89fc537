import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import type { Services } from "../services/services.ts";
import { startWorkspace } from "../services/workspaces/start-workspace.ts";
import { listWorkspaces, stopWorkspaces } from "../services/workspaces/workspace-list.ts";

type Noun = "workspace.start" | "workspace.list" | "workspace.stop";

export function workspaceMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "workspace.start": async (params, ctx) => startWorkspace(await s.project(), s.starter, params, ctx),
    "workspace.list": async () => listWorkspaces((await s.project()).project),
    "workspace.stop": async (params, ctx) => stopWorkspaces(await s.project(), params, ctx.signal),
  };
}
