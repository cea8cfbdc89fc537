import type { MethodMap } from "../protocol/methods.ts";
import type { GrantableMethod } from "../protocol/tool-schemas.js";
import type { JsonObject } from "../util/json.ts";
import type { Engine, RequestOptions } from "./engine-port.ts";
import { fit } from "./fit.ts";
import { howToGoOn, narrower, withDefaults } from "./paging.ts";

/** Characters of an answer's JSON, about 10,000 tokens: what clients take without complaint. */
export const MOST_CHARACTERS = 40_000;
const MOST_TRIES = 8;

export interface BoundedAnswer {
  readonly result: JsonObject;
  /** What is not in it, and how to get that. Absent: it is whole. */
  readonly note?: string;
}

/** Asks the engine; an answer that is too large for an agent is asked for in a smaller size, or cut. */
export async function askBounded(
  engine: Engine,
  method: GrantableMethod,
  given: JsonObject,
  options: RequestOptions,
): Promise<BoundedAnswer> {
  let params = withDefaults(method, given);
  let result = await ask(engine, method, params, options);
  let narrowed = false;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { length } = JSON.stringify(result);
    if (length <= MOST_CHARACTERS) break;
    const smaller = narrower(method, params, result, MOST_CHARACTERS / length);
    if (smaller === undefined) break;
    [params, narrowed] = [smaller, true];
    result = await ask(engine, method, params, options);
  }
  const { value, cuts } = fit(result, MOST_CHARACTERS);
  const notes = [
    ...(narrowed ? [howToGoOn(method)] : []),
    ...(cuts.length > 0 ? [`The answer was too large and was cut. ${cuts.join("; ")}.`] : []),
  ];
  return { result: value, ...(notes.length === 0 ? {} : { note: notes.join(" ") }) };
}

/** Params that do not fit are the engine's to refuse: it says where and why. */
async function ask<M extends GrantableMethod>(
  engine: Engine,
  method: M,
  params: JsonObject,
  options: RequestOptions,
): Promise<JsonObject> {
  return asJson(await engine.request(method, params as unknown as MethodMap[M]["params"], options));
}

function asJson(result: object): JsonObject {
  return result as JsonObject;
}
