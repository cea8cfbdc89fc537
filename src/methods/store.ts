import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import type { Services } from "../services/services.ts";
import { checkStore } from "../services/store/store-service.ts";

type Noun = "store.sync" | "store.fsck";

export function storeMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "store.sync": async () => ({ ...(await (await s.project()).project.records.sync()) }),
    "store.fsck": async (_params, ctx) => checkStore((await s.project()).project, ctx),
  };
}
