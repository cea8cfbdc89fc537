import { type SystemSummary, systemField, systemFromFields, withPoint } from "../../domain/system-metrics.ts";
import type { SeriesStore } from "../ports/series.ts";
import type { GpuMeter, GpuProbe, GpuUse, UsageProbe } from "../ports/usage.ts";
import type { RunFields } from "../runs/run-fields.ts";
import { type Measured, measuredOfGpus, measuredOfRun, type TimedReading } from "./measurements.ts";
import { nextDelay } from "./schedule.ts";

export interface SamplerOptions {
  readonly series: Pick<SeriesStore, "appendSystem">;
  readonly fields: Pick<RunFields, "id" | "get" | "write" | "all">;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly everyMs: number;
  readonly probe: UsageProbe;
  readonly meter: GpuMeter;
  /** GPUs that were asked for: watched from the beginning. Absent: when something of the run has one open. */
  readonly gpu?: GpuUse;
  /** Everything that the run has used was used since `startedAt`. */
  readonly isFresh: boolean;
  /** Called when there is nothing to look at any more. */
  readonly gone?: () => void;
}

export interface UsageSampler {
  /** Resolves when what was measured is in the run's record. Never rejects, and waits for no probe. */
  stop(): Promise<void>;
}

/** How often nothing can be seen before nobody looks any more. */
const MOST_BLIND = 3;
/** How often the summaries go into the run's record while it runs. */
const PUBLISH_MS = 60_000;
/** The first points are published at once: most runs are short. */
const PUBLISHED_AT_ONCE = 4;

/** Looks at a run now and then, and keeps what it sees. Nothing that goes wrong here is of any consequence to the run. */
export function startSampler(options: SamplerOptions): UsageSampler {
  const { probe, fields } = options;
  const summaries = systemFromFields(fields.all());
  const unpublished = new Set<string>();
  let before: TimedReading | undefined = options.isFresh
    ? { at: performance.now() - (Date.now() - options.startedAt), reading: { cpuSeconds: 0 } }
    : undefined;
  let gpus: GpuProbe | "starting" | undefined;
  let [samples, blind, publishedAt] = [highestCount(summaries), 0, 0];
  let isStopped = false;
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  function watchGpus(use: GpuUse | undefined): void {
    if (gpus || !use) return;
    gpus = "starting";
    void options.meter.watch(use).then(
      (started) => {
        if (isStopped) started?.close();
        else gpus = started ?? "starting";
      },
      () => undefined,
    );
  }

  async function look(): Promise<void> {
    const reading = await probe.read();
    if (isStopped) return;
    if (!reading) return lookAgainOrLeave();
    blind = 0;
    const now = { at: performance.now(), reading };
    const measured = measuredOfRun(now, before);
    before = now;
    watchGpus(options.gpu ?? reading.gpu);
    if (gpus && gpus !== "starting")
      for (const [name, value] of measuredOfGpus(gpus.read())) measured.set(name, value);
    samples++;
    writing = writing.then(() => keep(measured)).catch(() => undefined);
    wait(nextDelay(samples, options.everyMs, reading.costMs ?? 0));
  }

  function lookAgainOrLeave(): void {
    blind++;
    if (blind < MOST_BLIND) {
      wait(nextDelay(blind, options.everyMs, 0));
    } else {
      leave();
      options.gone?.();
    }
  }

  async function keep(measured: Measured): Promise<void> {
    if (measured.size === 0) return;
    const at = Date.now();
    const step = Math.max(1, Math.round((at - options.startedAt) / 1_000));
    const name = [...measured.keys()];
    await options.series.appendSystem(fields.id, {
      name,
      value: [...measured.values()],
      step: name.map(() => step),
      at: name.map(() => at),
    });
    for (const [key, value] of measured) {
      summaries.set(key, withPoint(summaries.get(key), { step, value, at }));
      unpublished.add(key);
    }
    if (samples <= PUBLISHED_AT_ONCE || at - publishedAt >= PUBLISH_MS) await publish(at);
  }

  async function publish(at: number): Promise<void> {
    if (unpublished.size === 0) return;
    const names = [...unpublished];
    publishedAt = at;
    unpublished.clear();
    const set = names.map((name) => systemField(name, summaries.get(name) as SystemSummary));
    await fields.write(Object.fromEntries(set), "process");
  }

  function wait(ms: number): void {
    if (!isStopped) timer = setTimeout(() => void look().catch(leave), ms).unref();
  }

  function leave(): void {
    isStopped = true;
    clearTimeout(timer);
    probe.close();
    if (gpus && gpus !== "starting") gpus.close();
  }

  void look().catch(leave);
  return {
    async stop() {
      leave();
      await writing;
      await publish(Date.now()).catch(() => undefined);
    },
  };
}

/** A run that is looked at again goes on at the pace that it had. */
function highestCount(summaries: ReadonlyMap<string, SystemSummary>): number {
  return Math.max(0, ...[...summaries.values()].map(({ count }) => count));
}
