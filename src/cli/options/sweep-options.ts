import type { Command } from "commander";
import { errors } from "../../protocol/errors.ts";
import type { SweepSpec } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import { parseValue } from "./config-text.ts";
import { collect, countOption, naturalOption } from "./values.ts";

export interface SweepSpecOptions {
  readonly grid?: readonly string[];
  readonly random?: number;
  readonly uniform?: readonly string[];
  readonly int?: readonly string[];
  readonly choice?: readonly string[];
  readonly seed?: number;
}

type Parameter = NonNullable<SweepSpec["random"]>["parameters"][number];

export function defineSpecOptions(command: Command): void {
  command
    .option("--grid <key=values>", "values to try: lr=0.1,0.01 (repeatable: all combinations)", collect)
    .option("--random <n>", "draw this many samples (for each combination of --grid)", countOption)
    .option("--uniform <key=range>", "drawn from lr=1e-5:1e-1; :log for evenly in the logarithm", collect)
    .option("--int <key=range>", "a whole number drawn from layers=1:8, both ends included; :log", collect)
    .option("--choice <key=values>", "drawn from act=relu,gelu", collect)
    .option("--seed <n>", "the same seed draws the same samples", naturalOption);
}

/** Undefined when no key was given. Throws SWEEP_INVALID. */
export function specOf(options: SweepSpecOptions): SweepSpec | undefined {
  const grid = (options.grid ?? []).map((text) => {
    const [name, values] = split(text, "--grid", "lr=0.1,0.01");
    return { name, values: valuesOf(values, text) };
  });
  const parameters: Parameter[] = [
    ...(options.uniform ?? []).map((text) => ranged(text, "uniform")),
    ...(options.int ?? []).map((text) => ranged(text, "int")),
    ...(options.choice ?? []).map((text): Parameter => {
      const [name, values] = split(text, "--choice", "act=relu,gelu");
      return { name, kind: "choice", values: valuesOf(values, text) };
    }),
  ];
  const { random: count, seed } = options;
  if (parameters.length > 0 && count === undefined)
    throw invalid("it does not say how many samples to draw; add --random N");
  if (parameters.length === 0 && (count !== undefined || seed !== undefined))
    throw invalid("--random and --seed need --uniform, --int or --choice");
  if (grid.length + parameters.length === 0) return undefined;
  return {
    ...(grid.length > 0 ? { grid } : {}),
    ...(count === undefined
      ? {}
      : { random: { count, parameters, ...(seed === undefined ? {} : { seed }) } }),
  };
}

/** At the first `=` or `:`. */
function split(text: string, option: string, example: string): [name: string, rest: string] {
  const at = text.search(/[=:]/);
  if (at < 1) throw invalid(`${option} ${text} has no key and values; write ${option} ${example}`);
  return [text.slice(0, at).trim(), text.slice(at + 1)];
}

/** Values between commas, JSON where they are JSON; commas within brackets and quotes are a value's own. */
function valuesOf(text: string, whole: string): Json[] {
  const parts = commaParts(text).map((part) => part.trim());
  if (parts.includes("")) throw invalid(`"${whole}" has an empty value`);
  return parts.map(parseValue);
}

function commaParts(text: string): string[] {
  const parts = [""];
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string;
    if (quoted && sign === "\\") {
      parts.push(`${parts.pop()}${sign}${text[++at] ?? ""}`);
      continue;
    }
    if (sign === '"') quoted = !quoted;
    else if (!quoted && "[{".includes(sign)) depth++;
    else if (!quoted && "]}".includes(sign)) depth--;
    else if (!quoted && depth <= 0 && sign === ",") {
      parts.push("");
      continue;
    }
    parts.push(`${parts.pop()}${sign}`);
  }
  return parts;
}

function ranged(text: string, kind: "uniform" | "int"): Parameter {
  const [name, range] = split(text, `--${kind}`, kind === "int" ? "layers=1:8" : "lr=0.001:0.1");
  const [low, high, scale, ...more] = range.split(":").map((part) => part.trim());
  const numbers = [low, high].every(
    (part) => part !== undefined && part !== "" && Number.isFinite(Number(part)),
  );
  if (!numbers || more.length > 0 || (scale !== undefined && scale !== "log"))
    throw invalid(`the range of ${name} is "${range}"; write LOW:HIGH or LOW:HIGH:log`);
  return { name, kind, low: Number(low), high: Number(high), ...(scale === "log" ? { log: true } : {}) };
}

function invalid(reason: string): Error {
  return errors.SWEEP_INVALID({ reason });
}
