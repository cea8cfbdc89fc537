import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import type { Services } from "../services/services.ts";
import { pullProject } from "../services/sharing/pull.ts";
import { pushProject } from "../services/sharing/push.ts";
import { collectGarbage } from "../services/store/garbage-collection.ts";
import { purgeStore } from "../services/store/purge.ts";
import { checkStore } from "../services/store/store-check.ts";
import { measureStore } from "../services/store/store-usage.ts";

type Noun =
  | "store.sync"
  | "store.fsck"
  | "store.gc"
  | "store.usage"
  | "store.purge"
  | "store.push"
  | "store.pull";

export function storeMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "store.sync": async () => ({ ...(await (await s.project()).project.records.sync()) }),
    "store.push": async ({ remote }, ctx) =>
      pushProject((await s.project()).project, remote, s.access.start, ctx),
    "store.pull": async ({ remote }, ctx) =>
      pullProject((await s.project()).project, remote, s.access.start, ctx),
    "store.fsck": async (_params, ctx) => checkStore((await s.project()).project, ctx),
    "store.gc": async (params, ctx) => collectGarbage((await s.project()).project, params, ctx),
    "store.usage": async (_params, ctx) => measureStore((await s.project()).project, ctx),
    "store.purge": async (params, ctx) => purgeStore((await s.project()).project, params, ctx),
  };
}
