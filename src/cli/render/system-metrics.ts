import type { MetricValue, Run } from "../../protocol/types.ts";
import { bytesText, numberText, plain } from "./text.ts";

type System = NonNullable<Run["system"]>;
type Metric = System[string];

/** What a run used of the machine, a line for each part of it. */
export function systemLines(system: System = {}): string[] {
  const gpus = new Set<string>();
  for (const name of Object.keys(system)) {
    const gpu = /^system\/gpu\.([^/]+)\//.exec(name)?.[1];
    if (gpu !== undefined) gpus.add(gpu);
  }
  const of = (name: string): Metric | undefined => system[`system/${name}`];
  return [
    line("CPU", meanAndPeak("", of("cpu_percent"), percent)),
    line("Memory", meanAndPeak("", of("memory_bytes"), bytesText)),
    line("Disk", [...total("read", of("disk_read_bytes")), ...total("written", of("disk_write_bytes"))]),
    ...[...gpus].sort(byNumber).map((gpu) => gpuLine(gpu, of)),
  ].filter((text) => text !== "");
}

/** A value with its unit, as the end of the metric's name tells it. */
export function systemValue(name: string, value: MetricValue): string {
  if (typeof value !== "number") return value;
  if (name.endsWith("_bytes")) return bytesText(Math.round(value));
  return numberText(Number(value.toPrecision(4)));
}

function gpuLine(gpu: string, of: (name: string) => Metric | undefined): string {
  const part = (name: string): Metric | undefined => of(`gpu.${gpu}/${name}`);
  const heat = part("temperature_celsius");
  return line(`GPU ${plain(gpu)}`, [
    ...meanAndPeak("", part("utilization_percent"), percent),
    ...meanAndPeak("memory ", part("memory_bytes"), bytesText),
    ...meanAndPeak("power ", part("power_watts"), (value) => `${Math.round(value)} W`),
    ...(heat ? [`up to ${Math.round(heat.max)} °C`] : []),
  ]);
}

function meanAndPeak(what: string, metric: Metric | undefined, text: (value: number) => string): string[] {
  if (!metric) return [];
  return [`${what}mean ${text(Math.round(metric.mean))}, peak ${text(Math.round(metric.max))}`];
}

function total(what: string, metric: Metric | undefined): string[] {
  return metric ? [`${what} ${bytesText(Math.round(metric.max))}`] : [];
}

function percent(value: number): string {
  return `${value} %`;
}

function line(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? "" : `${title.padEnd(6)}  ${parts.join("; ")}`;
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b) || (a < b ? -1 : 1);
}
