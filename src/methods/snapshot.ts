import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import { diffSnapshots } from "../services/compare/snapshot-comparison.ts";
import type { Services } from "../services/services.ts";
import { checkoutSnapshot } from "../services/snapshots/checkout.ts";
import { exportSnapshot, inspectSnapshot } from "../services/snapshots/snapshot-content.ts";
import {
  createSnapshot,
  deleteSnapshots,
  listSnapshots,
  updateSnapshot,
} from "../services/snapshots/snapshot-service.ts";
import { ownRuns } from "../services/snapshots/snapshotted-run.ts";

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
    "snapshot.create": async (params, ctx) => {
      const { project } = await s.project();
      return createSnapshot(project, params, ownRuns(project, s.active), ctx);
    },
    "snapshot.get": async (params, ctx) => inspectSnapshot((await s.project()).project, params, ctx),
    "snapshot.list": async (params) => listSnapshots((await s.project()).project, params),
    "snapshot.update": async (params) => ({
      snapshot: await updateSnapshot((await s.project()).project, params),
    }),
    "snapshot.delete": async (params) => ({
      ids: await deleteSnapshots((await s.project()).project, params),
    }),
    "snapshot.checkout": async (params, ctx) => checkoutSnapshot((await s.project()).project, params, ctx),
    "snapshot.diff": async (params, ctx) => diffSnapshots((await s.project()).project, params, ctx),
    "snapshot.export": async (params, ctx) => exportSnapshot((await s.project()).project, params, ctx),
  };
}
