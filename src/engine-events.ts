/* The third page of the composition root: what a connection is told of runs. */
import type { Session } from "./rpc/server.ts";
import type { RunEvents } from "./services/runs/run-events.ts";

export function eventsOf(session: Session): RunEvents {
  const metricLogged: RunEvents["metricLogged"] = (event) => session.notify("metric.logged", event);
  return {
    output: (event) => session.notify("run.output", event),
    statusChanged: (event) => session.notify("run.statusChanged", event),
    ...(session.wants("metric.logged") ? { metricLogged } : {}),
    buildOutput: (event) => session.notify("environment.buildOutput", event),
    note: (event) => session.notify("run.note", event),
    warn: (message, runId) => session.log("warn", message, runId === undefined ? {} : { runId }),
  };
}

export const SILENT: RunEvents = {
  output: () => undefined,
  statusChanged: () => undefined,
  buildOutput: () => undefined,
  note: () => undefined,
  warn: () => undefined,
};
