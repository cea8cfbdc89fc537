import { numberText } from "./text.ts";

export interface PlotOptions {
  readonly title: string;
  /** In ascending order. */
  readonly x: readonly number[];
  /** As many as `x`; what is not finite leaves a gap. */
  readonly y: readonly number[];
  /** Width in characters, labels included. */
  readonly columns: number;
  /** Height of the field in characters. Default 12. */
  readonly rows?: number;
}

const DEFAULT_ROWS = 12;
const NARROWEST_FIELD = 10;
/** Bits of the eight dots of a braille character, by column and row. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const BLANK = 0x2800;

/** A line through the points, drawn with braille dots: two by four in each character. */
export function textPlot({ title, x, y, columns, rows = DEFAULT_ROWS }: PlotOptions): string {
  const points = x.map((value, at) => [value, y[at] ?? Number.NaN] as const);
  const finite = points.filter(([, value]) => Number.isFinite(value));
  if (finite.length === 0) return `${title}: no finite values`;
  const xs = rangeOf(finite.map(([value]) => value));
  const ys = rangeOf(finite.map(([, value]) => value));
  const labels = [numberText(ys.high), numberText(ys.low)];
  const margin = Math.max(...labels.map((label) => label.length));
  const width = Math.max(NARROWEST_FIELD, columns - margin - 3);
  const field = draw(points, { xs, ys, width, rows });
  const lines = field.map((line, at) => {
    const label = at === 0 ? labels[0] : at === rows - 1 ? labels[1] : "";
    return `${(label ?? "").padStart(margin)} ┤ ${line.replace(/\u2800+$/, "")}`;
  });
  return [title, ...lines, `${" ".repeat(margin + 3)}${axisLabels(xs, width)}`].join("\n");
}

interface Range {
  readonly low: number;
  readonly high: number;
}

function draw(
  points: readonly (readonly [number, number])[],
  { xs, ys, width, rows }: { xs: Range; ys: Range; width: number; rows: number },
): string[] {
  const cells = Array.from({ length: rows }, () => new Uint8Array(width));
  const dot = (column: number, row: number): void => {
    const cell = cells[row >> 2];
    if (cell) cell[column >> 1] = (cell[column >> 1] ?? 0) | (DOTS[(column & 1) as 0 | 1][row & 3] ?? 0);
  };
  let before: readonly [number, number] | undefined;
  for (const [x, y] of points) {
    const here = Number.isFinite(y)
      ? ([scaled(x, xs, width * 2 - 1), rows * 4 - 1 - scaled(y, ys, rows * 4 - 1)] as const)
      : undefined;
    if (here) line(before ?? here, here, dot);
    before = here;
  }
  return cells.map((cell) => Array.from(cell, (bits) => String.fromCodePoint(BLANK + bits)).join(""));
}

/** Every dot between two, as Bresenham draws it. */
function line(
  from: readonly [number, number],
  to: readonly [number, number],
  dot: (x: number, y: number) => void,
): void {
  const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]), 1);
  for (let step = 0; step <= steps; step++) {
    const share = step / steps;
    dot(Math.round(from[0] + (to[0] - from[0]) * share), Math.round(from[1] + (to[1] - from[1]) * share));
  }
}

/** Where a value lies between 0 and `last`. */
function scaled(value: number, { low, high }: Range, last: number): number {
  return high === low ? Math.round(last / 2) : Math.round(((value - low) / (high - low)) * last);
}

function rangeOf(values: readonly number[]): Range {
  return values.reduce(
    ({ low, high }, value) => ({ low: Math.min(low, value), high: Math.max(high, value) }),
    { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY },
  );
}

function axisLabels({ low, high }: Range, width: number): string {
  const left = numberText(low);
  const right = numberText(high);
  return low === high ? left : `${left}${right.padStart(Math.max(1, width - left.length))}`;
}
