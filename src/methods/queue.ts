import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import { cancelRuns } from "../services/queue/cancel.ts";
import { addToQueue } from "../services/queue/enqueue.ts";
import { listQueue } from "../services/queue/list.ts";
import type { Services } from "../services/services.ts";
import { listSweeps } from "../services/sweeps/list-sweeps.ts";
import { getSweep, startSweep } from "../services/sweeps/sweep-service.ts";

type Noun =
  | "queue.add"
  | "queue.list"
  | "queue.claim"
  | "queue.cancel"
  | "sweep.start"
  | "sweep.get"
  | "sweep.list";

export function queueMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "queue.add": async (params, ctx) => ({ run: await addToQueue((await s.project()).context, params, ctx) }),
    "queue.list": async () => listQueue((await s.project()).project),
    "queue.claim": async (params, ctx) => s.worker.claim((await s.project()).context, params, ctx),
    "queue.cancel": async ({ ids }) => ({ runs: await cancelRuns((await s.project()).context, ids) }),
    "sweep.start": async (params, ctx) => startSweep((await s.project()).context, params, ctx),
    "sweep.list": async (params) => listSweeps((await s.project()).project, params),
    "sweep.get": async ({ id }) => getSweep((await s.project()).project, id),
  };
}
