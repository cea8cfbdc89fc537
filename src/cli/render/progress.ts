import type { Progress } from "../engine-port.ts";
import type { Output } from "../output.ts";
import type { Style } from "../style.ts";
import { plain } from "./text.ts";
import { fitted } from "./width.ts";

/** Shows how far one request has come. */
export interface ProgressLine {
  show(progress: Progress): void;
  /** Takes the line off the terminal. */
  end(): void;
}

/** Work that ends sooner is not worth a word, milliseconds. */
const QUIET_MS = 500;
/** Time between two drawings, milliseconds. */
const REDRAW_MS = 80;
const BAR_COLUMNS = 24;

/** A bar on a terminal, one line a stage elsewhere. */
export function createProgressLine(
  output: Output,
  style: Style,
  now: () => number = () => performance.now(),
): ProgressLine {
  return output.isTerminal ? terminalLine(output, style, now) : stageLines(output, now);
}

function terminalLine(output: Output, style: Style, now: () => number): ProgressLine {
  const began = now();
  let drawnAt = 0;
  let drawn = false;
  return {
    show(progress) {
      if (now() - began < QUIET_MS || now() - drawnAt < REDRAW_MS) return;
      drawnAt = now();
      drawn = true;
      void output.write(`\r${barText(progress, output.columns ?? 80, style)}\u001b[K`);
    },
    end() {
      if (drawn) void output.write("\r\u001b[K");
    },
  };
}

function barText({ message, done, total }: Progress, columns: number, style: Style): string {
  if (done === undefined || !total) return fitted(plain(message), columns - 1);
  const share = Math.min(1, done / total);
  const full = Math.round(share * BAR_COLUMNS);
  const bar = `${style.cyan("█".repeat(full))}${style.dim("░".repeat(BAR_COLUMNS - full))}`;
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${bar} ${percent} ${fitted(plain(message), Math.max(1, columns - BAR_COLUMNS - 8))}`;
}

function stageLines(output: Output, now: () => number): ProgressLine {
  const began = now();
  let stage = "";
  return {
    show({ message }) {
      if (message === stage || now() - began < QUIET_MS) return;
      stage = message;
      void output.write(`${plain(message)}\n`);
    },
    end() {},
  };
}
