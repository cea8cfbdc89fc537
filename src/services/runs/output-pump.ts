import type { ParsedRun, Parser } from "../ports/parser.ts";
import type { TaskFolderTail } from "../ports/task-folders.ts";
import type { OpenProject } from "../project/open-project.ts";
import { CHUNK_BYTES, createOutputPoints } from "./output-points.ts";
import { createParsingBehind } from "./parsing-behind.ts";
import type { RunMetrics } from "./run-metrics.ts";

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
  readonly run: ParsedRun;
  readonly folder: TaskFolderTail;
  readonly metrics: RunMetrics;
  /** Absent: nothing of the output becomes metrics. */
  readonly parser?: Parser;
  onOutput(chunk: Buffer, offset: number): void;
  /** The parser was given up; what it found so far stays. Never rejects. */
  onParserProblem(reason: string): Promise<void>;
}

export function createOutputPump(options: OutputPumpOptions): OutputPump {
  const { folder, parser, run } = options;
  const points = createOutputPoints(options.project, run.id, options.metrics);
  const parsing = parser?.immediate ? parser.open(run) : undefined;
  // One that takes its time reads the log for itself, and never holds up what is passed on.
  const behind = parser && !parsing ? createParsingBehind({ ...options, parser, points }) : undefined;
  let offset = 0;
  let busy: Promise<void> = Promise.resolve();

  /** Passes on all of the output, also while the disk takes no points; then throws why it does not. */
  async function pullAll(): Promise<void> {
    let trouble: unknown;
    for (;;) {
      const limit = parsing ? await points.limitAt(offset) : CHUNK_BYTES;
      const chunk = await folder.readOutput(offset, limit);
      if (chunk.length === 0) break;
      options.onOutput(chunk, offset);
      const from = offset;
      offset += chunk.length;
      behind?.wake();
      if (!parsing) continue;
      // Parsed once, whatever comes of it: what the disk does not take now is offered again.
      points.offer({ points: await parsing.feed(chunk), from, to: offset });
      trouble ??= await points.takeOffered().catch((error: unknown) => error);
    }
    if (trouble !== undefined) throw trouble;
    if (parsing) await points.takeOffered();
  }

  async function takeLast(): Promise<void> {
    await pullAll();
    if (parsing) {
      points.offer({ points: await parsing.end(), from: offset, to: offset + 1 });
      await points.takeOffered();
    }
    await behind?.finish();
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
