import { type GrantableMethod, toolSchemas } from "../protocol/tool-schemas.js";
import type { JsonObject } from "../util/json.ts";

/** Stretches of a series that nobody said a number for: its course is seen, and it fits. */
const BUCKETS = 200;
/** Bytes of output that nobody said a number for. */
const LOG_BYTES = 30_000;

const DETACHED = {
  params: { detached: true },
  told: "It goes on when this server ends, unless `detached` is false.",
};

/** What is put in place of params that are absent; told in descriptions. */
const DEFAULTS: { readonly [M in GrantableMethod]?: { readonly params: JsonObject; readonly told: string } } =
  {
    "metric.history": {
      params: { buckets: BUCKETS },
      told: `Without \`buckets\`, a long series comes as ${BUCKETS} stretches with the minimum and maximum of each.`,
    },
    "run.logs": {
      params: { limit: LOG_BYTES },
      told: `Without \`limit\`, at most ${LOG_BYTES} bytes; \`offset: -${LOG_BYTES}\` gives the end.`,
    },
    // Clients end their servers within seconds, without asking.
    "run.start": DETACHED,
    "task.run": DETACHED,
    "workspace.start": DETACHED,
  };

export function withDefaults(method: GrantableMethod, params: JsonObject): JsonObject {
  return { ...DEFAULTS[method]?.params, ...params };
}

/** A sentence for the description of a tool; undefined when the method has no other defaults here. */
export function toldDefaults(method: GrantableMethod): string | undefined {
  return DEFAULTS[method]?.told;
}

/**
 * Params for a smaller answer that can be gone on from where it ends, which a cut one cannot; undefined for methods
 * whose answers come in one piece. `share` is the part of the answer that would fit.
 */
export function narrower(
  method: GrantableMethod,
  params: JsonObject,
  result: JsonObject,
  share: number,
): JsonObject | undefined {
  const had = sizeOf(method, result);
  if (had === undefined || had <= 1) return undefined;
  return { ...params, limit: Math.max(1, Math.min(had - 1, Math.floor(had * share * 0.9))) };
}

/** How a smaller answer is gone on from. */
export function howToGoOn(method: GrantableMethod): string {
  return method === "run.logs"
    ? "There is more output: go on with `offset` = `nextOffset`."
    : "There is more: go on with `cursor` = `nextCursor`, or ask with a filter.";
}

/** How many items, or bytes of output, an answer has. */
function sizeOf(method: GrantableMethod, result: JsonObject): number | undefined {
  if (method === "run.logs") return Number(result["nextOffset"]) - Number(result["offset"]);
  const { items } = result;
  return takesCursor(method) && Array.isArray(items) ? items.length : undefined;
}

function takesCursor(method: GrantableMethod): boolean {
  return Object.hasOwn(toolSchemas[method].params["properties"] as object, "cursor");
}
