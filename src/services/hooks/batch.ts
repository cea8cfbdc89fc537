import type { HookEvent } from "../../protocol/types.ts";
import type { WaitingEvent } from "../ports/hooks.ts";

/** What is told in one call, and the keys that are done with it. */
export interface Batch {
  readonly event: string;
  readonly events: HookEvent[];
  readonly keys: string[];
}

/**
 * The events at the front that are of one sort, in order. Points of one run become one event, so that a plugin that
 * lags is not told of every second that it missed.
 */
export function nextBatch(waiting: readonly WaitingEvent[]): Batch {
  const event = waiting[0]?.event ?? "";
  const events: HookEvent[] = [];
  const keys: string[] = [];
  for (const { key, event: other, data } of waiting) {
    if (other !== event) break;
    keys.push(key);
    const at = event === "metric.logged" ? events.findIndex((it) => continues(it, data)) : -1;
    const { from } = events[at] ?? {};
    if (from === undefined) events.push(data);
    else events[at] = { ...data, from };
  }
  return { event, events, keys };
}

/** One engine counts on where it ended; another one begins anew. */
function continues(before: HookEvent, next: HookEvent): boolean {
  return before.runId === next.runId && before.to === next.from;
}
