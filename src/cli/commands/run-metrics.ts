import { errors } from "../../protocol/errors.ts";
import type { MetricHistoryResult, MetricSummary } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { countOption } from "../options/values.ts";
import { systemValue } from "../render/system-metrics.ts";
import { tableText } from "../render/table.ts";
import { numberText, plain } from "../render/text.ts";
import { timeText } from "../render/times.ts";

interface Options {
  readonly plot?: boolean;
  readonly buckets?: number;
  readonly system?: boolean;
}

/** Stretches asked for a plot: more than any terminal has columns. */
const PLOT_BUCKETS = 400;

export const runMetrics: CommandModule = {
  define(command) {
    command
      .argument("<run>", "id, name or unique beginning of an id")
      .argument("[name]", "a metric: its points")
      .option("--plot", "draw the points")
      .option("--system", "what it used of the machine: processor, memory, disk, GPUs")
      .option(
        "--buckets <n>",
        "down-sample to n stretches, keeping the least and greatest of each",
        countOption,
      );
  },
  async run(call) {
    const { plot, buckets, system } = call.options<Options>();
    const [runId = "", name] = call.args;
    if (name === undefined) {
      if (plot || buckets !== undefined) {
        const summary = "Say which metric.";
        throw errors.INVALID_PARAMS(
          { summary, problems: [] },
          { hint: `\`datmo run metrics ${runId}\` lists them.` },
        );
      }
      const result = await call.request("metric.list", { runId, ...(system ? { system } : {}) });
      if (result.items.length === 0 && !call.json) {
        await call.note(`The run has no ${system ? "system " : ""}metrics.`);
      }
      await call.answer(result, () => (system ? systemTable : summaryTable)(call, result.items));
      return 0;
    }
    const stretches = buckets ?? (plot && !call.json ? PLOT_BUCKETS : undefined);
    const result = await call.request("metric.history", {
      runId,
      name,
      ...(system ? { system } : {}),
      ...(stretches === undefined ? {} : { buckets: stretches }),
    });
    const text = plot ? await plotText(call, result) : pointTable(call, result);
    await call.answer(result, () => text);
    return 0;
  },
};

function summaryTable(call: Call, items: readonly MetricSummary[]): string {
  if (items.length === 0) return "";
  const right = { align: "right" } as const;
  const columns = [
    { title: "NAME" },
    { title: "LAST", ...right },
    { title: "STEP", ...right },
    { title: "MIN", ...right },
    { title: "MAX", ...right },
    { title: "POINTS", ...right },
    { title: "LAST AT" },
  ];
  const rows = items.map(({ name, last, lastStep, min, max, count, lastAt }) => [
    plain(name),
    numberText(last),
    String(lastStep),
    numberText(min),
    numberText(max),
    String(count),
    timeText(lastAt),
  ]);
  return tableText(columns, rows, { width: call.stdout.columns, style: call.style });
}

function systemTable(call: Call, items: readonly MetricSummary[]): string {
  if (items.length === 0) return "";
  const right = { align: "right" } as const;
  const columns = [
    { title: "NAME" },
    { title: "MEAN", ...right },
    { title: "MIN", ...right },
    { title: "MAX", ...right },
    { title: "LAST", ...right },
    { title: "POINTS", ...right },
  ];
  const rows = items.map(({ name, mean = Number.NaN, min, max, last, count }) => [
    plain(name),
    ...[mean, min, max, last].map((value) => systemValue(name, value)),
    String(count),
  ]);
  return tableText(columns, rows, { width: call.stdout.columns, style: call.style });
}

function pointTable(call: Call, { points }: MetricHistoryResult): string {
  const columns = [
    { title: "STEP", align: "right" },
    { title: "VALUE", align: "right" },
    { title: "TIME" },
  ] as const;
  const rows = points.step.map((step, at) => [
    String(step),
    String(points.value[at]),
    timeText(new Date((points.at[at] ?? 0) * 1000).toISOString()),
  ]);
  return tableText(columns, rows, { width: call.stdout.columns, style: call.style });
}

async function plotText(call: Call, { name, points }: MetricHistoryResult): Promise<string> {
  const { textPlot } = await import("../render/text-plot.ts");
  return textPlot({
    title: plain(name),
    x: points.step,
    y: points.value.map(Number),
    columns: Math.min(call.stdout.columns ?? 80, 120),
  });
}
