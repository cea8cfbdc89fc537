import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import type { Services } from "../services/services.ts";
import {
  checkoutSnapshot,
  diffSnapshots,
  exportSnapshot,
  inspectSnapshot,
} from "../services/snapshots/snapshot-content.ts";
import {
  createSnapshot,
  deleteSnapshots,
  listSnapshots,
  updateSnapshot,
} from "../services/snapshots/snapshot-service.ts";

type Noun =
  | "snapshot.create"
  | "snapshot.get"
  | "snapshot.list"
  | "snapshot.update"
  | "snapshot.delete"
  | "snapshot.checkout"
  | "snapshot.diff"
  | "snapshot.export";

export function snapshotMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "snapshot.create": async (params, ctx) =>
      createSnapshot((await s.project()).project, params, s.active.get(params.runId ?? ""), ctx),
    "snapshot.get": async ({ id }) => inspectSnapshot((await s.project()).project, id),
    "snapshot.list": async (params) => listSnapshots((await s.project()).project, params),
    "snapshot.update": async (params) => ({
      snapshot: await updateSnapshot((await s.project()).project, params),
    }),
    "snapshot.delete": async (params) => ({
      ids: await deleteSnapshots((await s.project()).project, params),
    }),
    "snapshot.checkout": async (params, ctx) => checkoutSnapshot((await s.project()).project, params, ctx),
    "snapshot.diff": async ({ a, b }) => diffSnapshots((await s.project()).project, a, b),
    "snapshot.export": async (params, ctx) => exportSnapshot((await s.project()).project, params, ctx),
  };
}
