import type { GpuUse, UsageProbe } from "../ports/usage.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { RunFields } from "../runs/run-fields.ts";
import { FIRST_MS } from "./schedule.ts";
import type { UsageSampler } from "./usage-sampler.ts";
import { isUsageWanted, usageInterval } from "./usage-settings.ts";

export interface WatchedRun {
  readonly project: OpenProject;
  /** Of the engine, or of the run's command. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fields: RunFields;
  /** RFC 3339. */
  readonly startedAt: string;
  /** Absent: as the environment and the settings say. */
  readonly usage?: boolean;
  /** Everything that the run has used was used since its start. */
  readonly isFresh: boolean;
  probe(): Promise<UsageProbe>;
  /** GPUs that it was given, once it has them. Undefined: those that it opens. */
  gpu?(): GpuUse | undefined;
  /** Asked before anything is looked at; false: somebody else does it. */
  mayBegin?(): Promise<boolean>;
  /** Nothing of it is left to be looked at. */
  gone?(): void;
}

/** What a run uses is measured until `stop`. */
export interface UsageWatch {
  stop(): Promise<void>;
}

const NOTHING: UsageWatch = { stop: async () => undefined };

/** Begins to look at a run a second later: until then it costs a timer, which keeps no engine alive. */
export function watchUsage(watched: WatchedRun): UsageWatch {
  if (watched.usage === false || !isUsageWanted(watched.environment)) return NOTHING;
  let isStopped = false;
  let sampler: UsageSampler | undefined;
  const timer = setTimeout(() => {
    begin(watched, () => isStopped).then(
      (begun) => {
        sampler = begun;
        if (isStopped) void begun?.stop();
      },
      () => undefined,
    );
  }, FIRST_MS).unref();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await sampler?.stop();
    },
  };
}

async function begin(watched: WatchedRun, isStopped: () => boolean): Promise<UsageSampler | undefined> {
  const { project, fields, startedAt, isFresh, gone } = watched;
  const everyMs = await usageInterval(project, watched.environment);
  if (everyMs === undefined || isStopped() || (watched.mayBegin && !(await watched.mayBegin())))
    return undefined;
  const probe = await watched.probe();
  const { startSampler } = await import("./usage-sampler.ts");
  if (isStopped()) {
    probe.close();
    return undefined;
  }
  const gpu = watched.gpu?.();
  return startSampler({
    series: project.series,
    fields,
    startedAt: Date.parse(startedAt),
    everyMs,
    probe,
    meter: project.gpuMeter,
    isFresh,
    ...(gpu ? { gpu } : {}),
    ...(gone ? { gone } : {}),
  });
}
