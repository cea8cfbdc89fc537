import type { Stamp } from "../../domain/clock.ts";
import type { RecordState } from "../../domain/merge.ts";
import type { Json } from "../../util/json.ts";

/* What is remembered of a record that a remote holds: its stamps, and of its values status and deletion. */

export function recordKey(kind: string, id: string): string {
  return `${kind} ${id}`;
}

export function encodeFacts(state: RecordState): string {
  const facts: Record<string, unknown> = {};
  const told = ["status", "deleted"].flatMap((path) => {
    const value = state.values.get(path);
    return value === undefined ? [] : [[path, value] as const];
  });
  if (told.length > 0) facts[""] = Object.fromEntries(told);
  for (const [path, stamp] of state.stamps) {
    const paths = facts[stamp] as string[] | undefined;
    if (paths) paths.push(path);
    else facts[stamp] = [path];
  }
  return JSON.stringify(facts);
}

export function asRecordState(text: string): RecordState {
  const facts = JSON.parse(text) as Record<Stamp, string[]> & { ""?: Record<string, Json> };
  const { "": told = {}, ...byStamp } = facts;
  const stamps = new Map<string, Stamp>();
  for (const [stamp, paths] of Object.entries(byStamp)) for (const path of paths) stamps.set(path, stamp);
  return { values: new Map(Object.entries(told)), stamps, firstMs: 0 };
}
