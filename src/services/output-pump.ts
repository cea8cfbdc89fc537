import { createOutputParser, type OutputPoint } from "../domain/output-parser.ts";
import type { OpenProject } from "./open-project.ts";
import type { PointSource } from "./ports/series.ts";
import type { TaskFolderTail } from "./ports/task-folders.ts";
import type { RunMetrics } from "./run-metrics.ts";

/** Bytes read and passed on at once. */
const CHUNK_BYTES = 256 * 1024;

/** Source id of points that were parsed from a run's output. */
const OUTPUT_SOURCE = "0000000000000001";

/** Follows a run's `output.log`: passes it on, and takes metrics out of it. */
export interface OutputPump {
  /** Passes on everything written so far. */
  pull(): Promise<void>;
  /** The output has ended: a last line without newline counts too. */
  finish(): Promise<void>;
  readonly offset: () => number;
}

export interface OutputPumpOptions {
  readonly project: OpenProject;
  readonly runId: string;
  readonly folder: TaskFolderTail;
  readonly metrics: RunMetrics;
  /** Lines that are exactly `name: number` become metrics. */
  readonly parse: boolean;
  onOutput(chunk: Buffer, offset: number): void;
}

export function createOutputPump(options: OutputPumpOptions): OutputPump {
  const { folder, metrics } = options;
  const parser = options.parse ? createOutputParser() : undefined;
  let offset = 0;
  let takenTo: number | undefined;
  let busy: Promise<void> = Promise.resolve();

  /** Points that end in the stretch [offset, to); skipped when another engine took them in. */
  async function take(points: readonly OutputPoint[], to: number): Promise<void> {
    if (points.length === 0 || to <= (takenTo ?? 0)) return;
    const now = Date.now();
    const source: PointSource = { id: OUTPUT_SOURCE, from: offset, to, weak: true };
    await metrics.append(
      {
        name: points.map((point) => point.name),
        step: points.map((point) => point.step),
        value: points.map((point) => point.value),
        at: points.map(() => now),
      },
      source,
    );
  }

  async function pullAll(): Promise<void> {
    if (parser) takenTo ??= await options.project.series.takenTo(options.runId, OUTPUT_SOURCE);
    for (;;) {
      // A stretch ends where another engine stopped, so that its points are counted once.
      const limit =
        takenTo !== undefined && offset < takenTo ? Math.min(CHUNK_BYTES, takenTo - offset) : CHUNK_BYTES;
      const chunk = await folder.readOutput(offset, limit);
      if (chunk.length === 0) return;
      options.onOutput(chunk, offset);
      if (parser) await take(parser.feed(chunk), offset + chunk.length);
      offset += chunk.length;
    }
  }

  return {
    pull() {
      busy = busy.then(pullAll, pullAll);
      return busy;
    },
    finish() {
      busy = busy.then(async () => {
        await pullAll();
        if (parser) await take(parser.end(), offset + 1);
      });
      return busy;
    },
    offset: () => offset,
  };
}
