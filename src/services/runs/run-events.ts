import type { MetricLoggedParams, RunOutputParams, RunStatusChangedParams } from "../../protocol/types.ts";

/** What the services tell the connection about runs. */
export interface RunEvents {
  output(event: RunOutputParams): void;
  statusChanged(event: RunStatusChangedParams): void;
  /** Absent: the client did not ask for it. */
  readonly metricLogged?: (event: MetricLoggedParams) => void;
  /** Something a user should know that is no error of a request. */
  warn(message: string, runId?: string): void;
}
