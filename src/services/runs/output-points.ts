import type { OutputPoint } from "../../domain/output-parser.ts";
import type { PointSource } from "../ports/series.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { RunMetrics } from "./run-metrics.ts";

/** Bytes of output that are read at once. */
export const CHUNK_BYTES = 256 * 1024;

/** Source id of points that were parsed from a run's output. */
const OUTPUT_SOURCE = "0000000000000001";

/** Points of a stretch of output. */
export interface FoundPoints {
  readonly points: readonly OutputPoint[];
  readonly from: number;
  readonly to: number;
}

/** Takes points of a run's output into its metrics, each once, whoever reads the output again. */
export interface OutputPoints {
  /** Bytes to read from `offset` on: a stretch ends where one ended before, so that its points are counted once. */
  limitAt(offset: number): Promise<number>;
  /** Kept until the disk takes them. */
  offer(found: FoundPoints): void;
  /** Throws why the disk does not take them. */
  takeOffered(): Promise<void>;
}

export function createOutputPoints(project: OpenProject, runId: string, metrics: RunMetrics): OutputPoints {
  let takenTo: number | undefined;
  const offered: FoundPoints[] = [];

  /** Skips what was taken in already. */
  async function take({ points, from, to }: FoundPoints): Promise<void> {
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
    takenTo = to;
  }

  return {
    async limitAt(offset) {
      takenTo ??= await project.series.takenTo(runId, OUTPUT_SOURCE);
      return offset < takenTo ? Math.min(CHUNK_BYTES, takenTo - offset) : CHUNK_BYTES;
    },
    offer(found) {
      offered.push(found);
    },
    async takeOffered() {
      for (let first = offered[0]; first; first = offered[0]) {
        await take(first);
        offered.shift();
      }
    },
  };
}
