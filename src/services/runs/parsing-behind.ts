import type { ParsedRun, Parser, Parsing } from "../ports/parser.ts";
import type { TaskFolderTail } from "../ports/task-folders.ts";
import type { OutputPoints } from "./output-points.ts";

/** What its process has forgotten is found out by reading the output from its beginning; so often at most. */
const MOST_ATTEMPTS = 3;
/** Time to catch up after the command's end. */
const CATCH_UP_MS = 30_000;

/** A parser that takes its time: it follows the log at its own pace, and holds up nobody. */
export interface ParsingBehind {
  /** There is more output. */
  wake(): void;
  /** The output has ended. Resolves when the parser has had all of it, or was given up. */
  finish(): Promise<void>;
}

export interface ParsingBehindOptions {
  readonly run: ParsedRun;
  readonly parser: Parser;
  readonly folder: Pick<TaskFolderTail, "readOutput">;
  readonly points: OutputPoints;
  /** Never rejects. */
  onParserProblem(reason: string): Promise<void>;
  /** Absent: 30 s. */
  readonly catchUpMs?: number;
}

/** The parser's process has lost what it knew of the output; not its fault, so it may happen often. */
export class ParsingLost extends Error {}

export function createParsingBehind(options: ParsingBehindOptions): ParsingBehind {
  const { parser, run, folder, points } = options;
  let parsing: Parsing = parser.open(run);
  let offset = 0;
  let failures = 0;
  let ended = false;
  let isOver = false;
  let work: Promise<void> | undefined;

  async function goOn(): Promise<void> {
    // While the disk takes no points, none are looked for: they would only fill the memory.
    while (!isOver && (await isTaken())) {
      const chunk = await folder.readOutput(offset, await points.limitAt(offset));
      if (chunk.length === 0) {
        if (ended) await takeEnd();
        return;
      }
      const found = await parsing.feed(chunk);
      if (isOver) return;
      points.offer({ points: found, from: offset, to: offset + chunk.length });
      offset += chunk.length;
    }
  }

  function isTaken(): Promise<boolean> {
    return points.takeOffered().then(
      () => true,
      () => false,
    );
  }

  async function takeEnd(): Promise<void> {
    const found = await parsing.end();
    if (isOver) return;
    points.offer({ points: found, from: offset, to: offset + 1 });
    isOver = true;
  }

  /** One that fails begins anew a few times. */
  async function goOnAnyhow(): Promise<void> {
    while (!isOver) {
      try {
        return await goOn();
      } catch (error) {
        // Lost at the very beginning is no loss but a refusal.
        if (!(error instanceof ParsingLost) || offset === 0) failures++;
        if (failures >= MOST_ATTEMPTS) return giveUp((error as Error).message);
        offset = 0;
        parsing = parser.open(run);
      }
    }
  }

  async function giveUp(reason: string): Promise<void> {
    if (isOver) return;
    isOver = true;
    await options.onParserProblem(reason);
  }

  function start(): Promise<void> {
    work ??= goOnAnyhow().finally(() => {
      work = undefined;
    });
    return work;
  }

  return {
    wake() {
      if (!isOver) void start();
    },
    async finish() {
      // What runs now may have seen the end of the log before it was the end.
      const all = async (): Promise<void> => {
        await work;
        ended = true;
        await start();
      };
      const catchUpMs = options.catchUpMs ?? CATCH_UP_MS;
      const late = `it was not through with the output ${catchUpMs / 1000} s after the command's end`;
      await within(all(), catchUpMs, () => giveUp(late));
      await points.takeOffered();
    },
  };
}

async function within(work: Promise<void>, ms: number, otherwise: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), ms);
  });
  const first = await Promise.race([work, limit]).finally(() => clearTimeout(timer));
  if (first === "late") await otherwise();
}
