import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import type { Services } from "../services/services.ts";
import { storageError } from "../services/system-errors.ts";
import { environmentMethods } from "./environment.ts";
import { exporterMethods } from "./exporter.ts";
import { graphMethods } from "./graph.ts";
import { importerMethods } from "./importer.ts";
import { logMethods } from "./log.ts";
import { pluginMethods } from "./plugin.ts";
import { projectMethods } from "./project.ts";
import { queueMethods } from "./queue.ts";
import { runMethods } from "./run.ts";
import { snapshotMethods } from "./snapshot.ts";
import { storeMethods } from "./store.ts";
import { taskMethods } from "./task.ts";
import { workspaceMethods } from "./workspace.ts";

/** A handler for every method of the protocol; one missing does not compile. */
export function createHandlers(services: Services): Handlers<CallContext> {
  return withStorageErrors({
    ...projectMethods(services),
    ...environmentMethods(services),
    ...taskMethods(services),
    ...queueMethods(services),
    ...exporterMethods(services),
    ...graphMethods(services),
    ...runMethods(services),
    ...logMethods(services),
    ...snapshotMethods(services),
    ...storeMethods(services),
    ...pluginMethods(services),
    ...importerMethods(services),
    ...workspaceMethods(services),
  });
}

/** What the system says about a full or read-only disk is no bug of datmo. `metric.log` is too hot for a detour. */
function withStorageErrors(handlers: Handlers<CallContext>): Handlers<CallContext> {
  type Handler = (params: unknown, context: CallContext) => Promise<unknown>;
  const wrapped: Record<string, Handler> = {};
  for (const [name, handler] of Object.entries(handlers) as [string, Handler][]) {
    wrapped[name] = name === "metric.log" ? handler : guarded(handler);
  }
  return wrapped as unknown as Handlers<CallContext>;

  function guarded(handler: Handler): Handler {
    return async (params, context) => {
      try {
        return await handler(params, context);
      } catch (error) {
        throw storageError(error, "the change");
      }
    };
  }
}
