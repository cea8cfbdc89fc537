/** What a run has used by a moment. Absent: cannot be told here. */
export interface UsageReading {
  /** Processor time since the run's start, of processes that have ended too. */
  readonly cpuSeconds?: number;
  /** Memory in use now. What processes share is counted once where that can be told quickly. */
  readonly memoryBytes?: number;
  /** Read from and written to storage since the run's start. */
  readonly diskReadBytes?: number;
  readonly diskWriteBytes?: number;
  /** Something of the run has a GPU open now. Absent: it is not seen. */
  readonly gpu?: GpuUse;
  /** How long a processor was busy with looking. Absent: next to nothing. */
  readonly costMs?: number;
}

/** The GPUs that a run may use. */
export interface GpuUse {
  /** As NVIDIA's tools take them: indexes or uuids. Absent: all of the machine. */
  readonly ids?: readonly string[];
}

/** Looks at one run. */
export interface UsageProbe {
  /** Undefined: there is nothing of the run any more, or it cannot be looked at. Never rejects. */
  read(): Promise<UsageReading | undefined>;
  close(): void;
}

/** One GPU over the time since the reading before. */
export interface GpuReading {
  /** As the machine numbers it. */
  readonly index: number;
  readonly utilizationPercent?: number;
  /** The most that was in use. */
  readonly memoryBytes?: number;
  readonly powerWatts?: number;
  readonly temperatureCelsius?: number;
}

/** Watches GPUs of this machine. */
export interface GpuProbe {
  /** One of each GPU that told something since the last time. Never throws. */
  read(): readonly GpuReading[];
  close(): void;
}

export interface GpuMeter {
  /** Undefined: this machine has no GPU that can be watched. Never rejects. */
  watch(use: GpuUse): Promise<GpuProbe | undefined>;
}
