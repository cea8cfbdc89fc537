import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import { importRuns } from "../services/import/import-runs.ts";
import type { Services } from "../services/services.ts";

export function importerMethods(s: Services): Pick<Handlers<CallContext>, "importer.run"> {
  return {
    "importer.run": async (params, ctx) =>
      importRuns((await s.project()).project, s.access.start, params, ctx),
  };
}
