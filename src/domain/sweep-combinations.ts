import { createHash } from "node:crypto";
import { errors } from "../protocol/errors.ts";
import type { SweepSpec } from "../protocol/types.ts";
import type { Json, JsonObject } from "../util/json.ts";
import { deepMerge, setKey } from "../util/json-merge.ts";

/** More runs than this are a mistake. */
const MOST = 10_000;

type RandomPart = NonNullable<SweepSpec["random"]>;
type Parameter = RandomPart["parameters"][number];

/**
 * What each run of a sweep sets in the config, in a fixed order: the last key of the grid varies fastest, and each
 * combination of the grid is followed by its samples. Sample n of it is the same however many are drawn.
 * Throws SWEEP_INVALID.
 */
export function sweepCombinations(spec: SweepSpec): JsonObject[] {
  checkSpec(spec);
  const grid = (spec.grid ?? []).reduce<[string, Json][][]>(
    (before, { name, values }) =>
      before.flatMap((pairs) => values.map((value): [string, Json][] => [...pairs, [name, value as Json]])),
    [[]],
  );
  const { random } = spec;
  if (!random) return grid.map(nested);
  return grid.flatMap((pairs, at) =>
    Array.from({ length: random.count }, (_, sample) =>
      nested([...pairs, ...drawn(random, `${at} ${sample}`)]),
    ),
  );
}

/** Throws SWEEP_INVALID for what nobody can mean. */
function checkSpec({ grid = [], random }: SweepSpec): void {
  const names = [...grid, ...(random?.parameters ?? [])].map(({ name }) => name);
  if (names.length === 0) throw invalid("no key has values to try");
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalid(`${twice} is given twice`);
  const within = names.find((name) => names.some((other) => other.startsWith(`${name}.`)));
  if (within !== undefined) throw invalid(`${within} cannot be a value and hold others`);
  const odd = names.find((name) => name.split(".").includes(""));
  if (odd !== undefined) throw invalid(`"${odd}" has an empty part`);
  for (const parameter of random?.parameters ?? []) checkParameter(parameter);
  const total = grid.reduce((product, { values }) => product * values.length, random?.count ?? 1);
  if (total > MOST) throw invalid(`it has ${total} combinations; ${MOST} are possible`);
}

function checkParameter({ name, kind, low, high, log, values }: Parameter): void {
  if (kind === "choice") {
    if (!values) throw invalid(`${name} has no values to choose from`);
    return;
  }
  if (low === undefined || high === undefined) throw invalid(`${name} has no range`);
  if (low > high) throw invalid(`the range of ${name} is empty: ${low} is above ${high}`);
  if (log && low <= 0) throw invalid(`${name} is drawn in the logarithm, so its range must lie above 0`);
  if (kind === "int" && !(Number.isSafeInteger(low) && Number.isSafeInteger(high)))
    throw invalid(`the range of ${name} must be of whole numbers`);
}

function drawn({ seed = 0, parameters }: RandomPart, place: string): [string, Json][] {
  return parameters.map((parameter) => {
    const share = shareOf(`${seed} ${place} ${parameter.name}`);
    return [parameter.name, valueAt(parameter, share)];
  });
}

/** A number of [0, 1) that the text alone decides: the first 53 bits of its SHA-256. */
function shareOf(text: string): number {
  return Number(createHash("sha256").update(text).digest().readBigUInt64BE() >> 11n) / 2 ** 53;
}

function valueAt({ kind, low = 0, high = 0, log, values = [] }: Parameter, share: number): Json {
  if (kind === "choice") return values[Math.floor(share * values.length)] as Json;
  // Each whole number has a stretch of its own, the greatest too.
  const top = kind === "int" ? high + 1 : high;
  const value = log
    ? Math.exp(Math.log(low) + share * (Math.log(top) - Math.log(low)))
    : low + share * (top - low);
  return Math.min(high, Math.max(low, kind === "int" ? Math.floor(value) : value));
}

function nested(pairs: readonly (readonly [string, Json])[]): JsonObject {
  return pairs.reduce<JsonObject>((config, [name, value]) => {
    const one = name.split(".").reduceRight<Json>((below, key) => {
      const object: Record<string, Json> = {};
      setKey(object, key, below);
      return object;
    }, value);
    return deepMerge(config, one as JsonObject);
  }, {});
}

function invalid(reason: string): Error {
  return errors.SWEEP_INVALID({ reason });
}
