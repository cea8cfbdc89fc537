import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import { exportRuns } from "../services/export/export-runs.ts";
import type { Services } from "../services/services.ts";

export function exporterMethods(s: Services): Pick<Handlers<CallContext>, "exporter.run"> {
  return {
    "exporter.run": async (params, ctx) =>
      exportRuns((await s.project()).project, s.access.start, params, ctx),
  };
}
