import type { Difference } from "../../../protocol/types.ts";
import type { Json } from "../../../util/json.ts";

type Side = Json | undefined;

/** Something that went into the runs and was not the same. */
export function cause(kind: Difference["kind"], name: string, a: Side, b: Side): Difference {
  return { kind, role: "cause", name, ...sides(a, b) };
}

/** Something that came out of the runs and was not the same. */
export function effect(kind: Difference["kind"], name: string, a: Side, b: Side): Difference {
  return { kind, role: "effect", name, ...sides(a, b) };
}

function sides(a: Side, b: Side): { a?: Json; b?: Json } {
  return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}
