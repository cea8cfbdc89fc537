import { createOutputParser, type OutputPoint } from "../../domain/output-parser.ts";
import type { PointSource } from "../ports/series.ts";
import type { TaskFolderTail } from "../ports/task-folders.ts";
import type { OpenProject } from "../project/open-project.ts";
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

  /** Points that are not taken in yet, with the stretch of output that they end in. */
  const found: { points: readonly OutputPoint[]; from: number; to: number }[] = [];

  /** Skips what another engine took in. */
  async function take({ points, from, to }: (typeof found)[number]): Promise<void> {
    if (points.length === 0 || to <= (takenTo ?? 0)) return;
    const now = Date.now();
    const source: PointSource = { id: OUTPUT_SOURCE, from, to, weak: true };
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

  /** Passes on all of the output, also while the disk takes no points; then throws why it does not. */
  async function pullAll(): Promise<void> {
    if (parser) takenTo ??= await options.project.series.takenTo(options.runId, OUTPUT_SOURCE);
    let trouble: unknown;
    for (;;) {
      // A stretch ends where another engine stopped, so that its points are counted once.
      const limit =
        takenTo !== undefined && offset < takenTo ? Math.min(CHUNK_BYTES, takenTo - offset) : CHUNK_BYTES;
      const chunk = await folder.readOutput(offset, limit);
      if (chunk.length === 0) break;
      options.onOutput(chunk, offset);
      const from = offset;
      offset += chunk.length;
      // Parsed once, whatever comes of it: what the disk does not take now is offered again.
      if (parser) found.push({ points: parser.feed(chunk), from, to: offset });
      trouble ??= await takeFound().catch((error: unknown) => error);
    }
    if (trouble !== undefined) throw trouble;
    await takeFound();
  }

  async function takeFound(): Promise<void> {
    for (let first = found[0]; first; first = found[0]) {
      await take(first);
      found.shift();
    }
  }

  async function takeLast(): Promise<void> {
    await pullAll();
    if (parser) found.push({ points: parser.end(), from: offset, to: offset + 1 });
    await takeFound();
  }

  return {
    pull() {
      busy = busy.then(pullAll, pullAll);
      return busy;
    },
    finish() {
      busy = busy.then(takeLast, takeLast);
      return busy;
    },
    offset: () => offset,
  };
}
