import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import { getGraph } from "../services/graph-service.ts";
import type { Services } from "../services/services.ts";

export function graphMethods(s: Services): Pick<Handlers<CallContext>, "graph.get"> {
  return { "graph.get": async (params) => getGraph((await s.project()).project, params) };
}
