import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import { logConfig } from "../services/log/config-service.ts";
import { getFile, listFiles, logFile } from "../services/log/file-service.ts";
import { listMetrics, logMetrics, metricHistory } from "../services/log/metric-service.ts";
import { upToDate } from "../services/runs/up-to-date.ts";
import type { Services } from "../services/services.ts";

type Nouns =
  | "config.log"
  | "metric.log"
  | "metric.list"
  | "metric.history"
  | "file.log"
  | "file.list"
  | "file.get";

/** What a run says of itself: config, metrics, files. Logging never opens the database. */
export function logMethods(s: Services): Pick<Handlers<CallContext>, Nouns> {
  return {
    "config.log": async (params) => ({ config: await logConfig(await s.access.current(), s.active, params) }),
    "metric.log": (params) => logMetrics(s.access, s.active, params),
    "metric.list": async (params) => listMetrics(await upToDate(s), params),
    "metric.history": async (params) => metricHistory(await upToDate(s), params),
    "file.log": async (params) => ({ file: await logFile(await s.access.current(), s.active, params) }),
    "file.list": async (params) => ({ items: await listFiles(await upToDate(s), params) }),
    "file.get": async (params) => getFile((await s.project()).project, params),
  };
}
