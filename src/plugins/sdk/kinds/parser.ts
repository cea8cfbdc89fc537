import type { ParserParseParams } from "../../../protocol/types.ts";
import type { FoundPoint, FoundPoints, OutputReading, PluginDefinition, PluginParser } from "../types.ts";
import type { Kind } from "./kind.ts";

/** Outputs that are read at once; the one that was quiet for longest is forgotten, and read again from its beginning. */
const MOST_READINGS = 100;

interface Reading {
  readonly reading: OutputReading;
  next: number;
}

export const parser: Kind = {
  provided: ({ parsers = {} }) => Object.keys(parsers).map((name) => `parser ${name}`),
  answers: (plugin) => {
    const readings = new Map<string, Reading>();
    return { "parser.parse": (params) => answer(plugin, readings, params) };
  },
};

function answer(
  { parsers = {} }: PluginDefinition,
  readings: Map<string, Reading>,
  params: ParserParseParams,
): { points: FoundPoint[]; lost?: true } {
  const { name, stream, from, lines, done } = params;
  const known = readings.get(stream) ?? opened(parsers[name], params);
  if (!known || known.next !== from) return { points: [], lost: true };
  // The one that was asked last stands last.
  readings.delete(stream);
  const points = lines.flatMap((line) => listOf(known.reading.line(line)));
  known.next = from + lines.length;
  if (done) return { points: [...points, ...listOf(known.reading.end?.())] };
  readings.set(stream, known);
  const [oldest] = readings.keys();
  if (readings.size > MOST_READINGS && oldest !== undefined) readings.delete(oldest);
  return { points };
}

/** A parser that remembers nothing can go on anywhere. */
function opened(parser: PluginParser | undefined, { run, from }: ParserParseParams): Reading | undefined {
  if (typeof parser === "function") return { reading: { line: (line) => parser(line, run) }, next: from };
  return parser && from === 0 ? { reading: parser.open(run), next: 0 } : undefined;
}

function listOf(found: FoundPoints): readonly FoundPoint[] {
  if (!found) return [];
  return (Array.isArray(found) ? found : [found]).map(({ name, step, value }) => ({
    name,
    ...(step === undefined ? {} : { step }),
    // What JSON cannot write.
    value: typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  })) as FoundPoint[];
}
