import type { Importer, ImportPiece } from "../../src/services/ports/importers.ts";

/** All that an importer tells of one run, as the engine would take it. */
export interface ReadRun {
  readonly facts: NonNullable<ImportPiece["facts"]>;
  /** By name: step, value and time in milliseconds. */
  readonly points: ReadonlyMap<string, readonly [step: number, value: number, at: number][]>;
  readonly system: ReadonlyMap<string, readonly [step: number, value: number, at: number][]>;
  readonly files: ReadonlyMap<string, { readonly path?: string; readonly text?: string }>;
  readonly output: string;
  readonly problems: readonly string[];
}

/** Reads everything and checks on the way that stretches of a stream follow each other. */
export async function readAll(
  importer: Importer,
  path: string,
): Promise<{ readonly runs: ReadonlyMap<string, ReadRun>; readonly problems: readonly string[] }> {
  const runs = new Map<string, ReadRun>();
  const problems: string[] = [];
  const ends = new Map<string, number>();
  for await (const page of importer.pages(path, new AbortController().signal)) {
    for (const piece of page) {
      if (piece.run === undefined) problems.push(...(piece.problems ?? []));
      else runs.set(piece.run, withPiece(runs.get(piece.run), piece, ends));
    }
  }
  return { runs, problems };
}

type Points = Map<string, [number, number, number][]>;

function withPiece(known: ReadRun | undefined, piece: ImportPiece, ends: Map<string, number>): ReadRun {
  const points = (known?.points ?? new Map()) as Points;
  const system = (known?.system ?? new Map()) as Points;
  const files = new Map(known?.files ?? []);
  for (const file of piece.files ?? []) files.set(file.name, file);
  for (const stretch of piece.points ?? []) {
    const stream = `${piece.run}\n${stretch.stream}`;
    if (stretch.from !== (ends.get(stream) ?? 0)) throw new Error(`${stretch.stream} has a gap`);
    const { name, step, value, at } = stretch.points;
    ends.set(stream, stretch.from + name.length);
    const into = stretch.system ? system : points;
    name.forEach((metric, i) => {
      const list = into.get(metric) ?? [];
      into.set(metric, list);
      list.push([step[i] as number, value[i] as number, at[i] as number]);
    });
  }
  const output = piece.output?.text ?? "";
  if (piece.output && piece.output.from !== Buffer.byteLength(known?.output ?? ""))
    throw new Error("output has a gap");
  return {
    facts: { ...known?.facts, ...piece.facts },
    points,
    system,
    files,
    output: (known?.output ?? "") + output,
    problems: [...(known?.problems ?? []), ...(piece.problems ?? [])],
  };
}

/** The number that Python's `float.hex` writes so. */
export function fromHex(text: string): number {
  if (text === "nan") return Number.NaN;
  if (text.endsWith("inf")) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const match = /^(-?)0x([01])\.([0-9a-f]+)p([+-]\d+)$/.exec(text);
  if (!match) throw new Error(`${text} is no float`);
  const [, sign = "", whole = "", digits = "", exponent = ""] = match;
  // Two steps: 2 to the power of the whole exponent alone may be too small for a float.
  const power = Number(exponent) - 4 * digits.length;
  const size =
    Number.parseInt(whole + digits, 16) * 2 ** Math.max(power, -1000) * 2 ** Math.min(0, power + 1000);
  return sign === "-" ? -size : size;
}
