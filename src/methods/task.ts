import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import type { Services } from "../services/services.ts";
import { createTask, getTask, listTasks } from "../services/task-service.ts";

type Noun = "task.create" | "task.get" | "task.list" | "task.run";

export function taskMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "task.create": async (params) => createTask((await s.project()).project, params),
    "task.get": async ({ id }) => getTask((await s.project()).project, id),
    "task.list": async (params) => listTasks((await s.project()).project, params),
    "task.run": async (params, ctx) => ({
      run: await s.starter.task((await s.project()).context, params, ctx),
    }),
  };
}
