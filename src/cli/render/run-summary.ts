import type { Run } from "../../protocol/types.ts";
import { paintStatus } from "../list/run-columns.ts";
import type { Style } from "../style.ts";
import { numberText, plain, shortId } from "./text.ts";
import { durationText } from "./times.ts";

/** Metrics that a summary line has room for. */
const MOST_METRICS = 8;

/** One line about a run: `run k3vq7m2x quiet-heron: succeeded in 2.3 s; accuracy 0.95, loss 0.12`. */
export function runSummary(run: Run, style: Style): string {
  const { status, exitCode, durationMs } = run;
  const code =
    exitCode !== undefined && exitCode !== 0 && status !== "stopped" ? ` (exit code ${exitCode})` : "";
  const memory = run.outOfMemory ? ", out of memory" : "";
  const time =
    durationMs === undefined ? "" : ` ${status === "succeeded" ? "in" : "after"} ${durationText(durationMs)}`;
  const head = `run ${style.bold(shortId(run.id))} ${plain(run.name)}: ${paintStatus(style, status, status)}${code}${memory}${time}`;
  const metrics = Object.entries(run.metrics).map(([name, value]) => `${plain(name)} ${numberText(value)}`);
  const shown = metrics.slice(0, MOST_METRICS);
  if (metrics.length > MOST_METRICS) shown.push(`and ${metrics.length - MOST_METRICS} more`);
  return shown.length === 0 ? head : `${head}; ${shown.join(", ")}`;
}
