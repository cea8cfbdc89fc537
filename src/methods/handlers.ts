import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import type { Services } from "../services/services.ts";
import { logMethods } from "./log.ts";
import { projectMethods } from "./project.ts";
import { runMethods } from "./run.ts";
import { snapshotMethods } from "./snapshot.ts";
import { storeMethods } from "./store.ts";
import { taskMethods } from "./task.ts";

/** A handler for every method of the protocol; one missing does not compile. */
export function createHandlers(services: Services): Handlers<CallContext> {
  return {
    ...projectMethods(services),
    ...taskMethods(services),
    ...runMethods(services),
    ...logMethods(services),
    ...snapshotMethods(services),
    ...storeMethods(services),
  };
}
