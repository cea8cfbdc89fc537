import type { MetricValue, SweepGetResult, SweepRun } from "../../protocol/types.ts";
import { paintStatus } from "../list/run-columns.ts";
import type { Style } from "../style.ts";
import { tableText } from "./table.ts";
import { pairsText, plain, shortId } from "./text.ts";
import { durationText } from "./times.ts";

/**
 * The combinations of a sweep with what came of them. `metric`: the best first, which is the greatest, or with `-` in
 * front the least; those without a number come last.
 */
export function sweepTable(
  { runs }: SweepGetResult,
  options: { readonly metric?: string; readonly style: Style; readonly width?: number | undefined },
): string {
  const sorted = options.metric === undefined ? runs : bestFirst(runs, options.metric);
  const rows = sorted.map(({ values, run }) => [
    run ? shortId(run.id) : "",
    run ? plain(run.name) : "",
    pairsText(values),
    run?.status ?? "missing",
    run ? pairsText(run.metrics) : "",
    run?.durationMs === undefined ? "" : durationText(run.durationMs),
  ]);
  const columns = [
    { title: "RUN", rigid: true },
    { title: "NAME" },
    { title: "VALUES" },
    { title: "STATUS", rigid: true },
    { title: "METRICS" },
    { title: "DURATION", align: "right" as const, rigid: true },
  ];
  return tableText(columns, rows, {
    width: options.width,
    style: options.style,
    paint(cell, row, column) {
      const status = sorted[row]?.run?.status;
      return column === 3 && status !== undefined ? paintStatus(options.style, status, cell) : cell;
    },
  });
}

function bestFirst(runs: readonly SweepRun[], metric: string): SweepRun[] {
  const least = metric.startsWith("-");
  const name = least ? metric.slice(1) : metric;
  const of = ({ run }: SweepRun): number => {
    const value = numberOf(run?.metrics[name]);
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : least ? -value : value;
  };
  return [...runs].sort((a, b) => {
    const [left, right] = [of(a), of(b)];
    return left === right ? a.index - b.index : right - left;
  });
}

function numberOf(value: MetricValue | undefined): number {
  return value === undefined ? Number.NaN : Number(value);
}
