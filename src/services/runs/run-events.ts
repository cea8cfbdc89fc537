import type {
  EnvironmentBuildOutputParams,
  MetricLoggedParams,
  RunNoteParams,
  RunOutputParams,
  RunStatusChangedParams,
} from "../../protocol/types.ts";

/** What the services tell the connection about runs. */
export interface RunEvents {
  output(event: RunOutputParams): void;
  statusChanged(event: RunStatusChangedParams): void;
  /** What the builder of an environment prints. */
  buildOutput(event: EnvironmentBuildOutputParams): void;
  /** Something to know of a run before its command starts. */
  note(event: RunNoteParams): void;
  /** Absent: the client did not ask for it. */
  readonly metricLogged?: (event: MetricLoggedParams) => void;
  /** Something a user should know that is no error of a request. */
  warn(message: string, runId?: string): void;
}
