import type { JsonObject } from "../util/json.ts";

/*
 * What becomes of notifications while the peer does not read. Each kind is reduced to something bounded that still
 * tells the truth: output to "read on from here", points to one stretch, states to the newest one.
 */

interface Rule {
  /** Notifications of the same kind and key stand for each other. */
  key(params: JsonObject): unknown;
  merge(earlier: JsonObject | undefined, later: JsonObject): JsonObject;
}

const RULES: Readonly<Record<string, Rule>> = {
  "run.output": {
    key: (params) => params["runId"],
    merge: (earlier, later) => ({ ...later, text: "", offset: earlier?.["offset"] ?? later["offset"]! }),
  },
  "metric.logged": {
    key: (params) => params["runId"],
    merge: (earlier, later) =>
      earlier === undefined
        ? later
        : { ...later, from: earlier["from"]!, names: union(earlier["names"], later["names"]) },
  },
  "run.statusChanged": { key: (params) => params["runId"], merge: (_, later) => later },
  "$/progress": { key: (params) => params["token"], merge: (_, later) => later },
};

/** Notifications of other kinds that are held at most; more are dropped. */
const MAX_OTHERS = 1000;

/** Notifications held back, in the order in which they will be sent. */
export class HeldNotifications {
  readonly #held = new Map<string, { method: string; params: JsonObject }>();
  #others = 0;
  /** How many were dropped since the last `take` of everything. */
  dropped = 0;

  get size(): number {
    return this.#held.size;
  }

  add(method: string, params: JsonObject): void {
    const rule = Object.hasOwn(RULES, method) ? RULES[method] : undefined;
    if (rule === undefined) {
      this.#addOther(method, params);
      return;
    }
    const key = `${method} ${rule.key(params)}`;
    const merged = rule.merge(this.#held.get(key)?.params, params);
    this.#held.delete(key);
    this.#held.set(key, { method, params: merged });
  }

  /** Removes and returns the first. */
  take(): { method: string; params: JsonObject } | undefined {
    for (const [key, notification] of this.#held) {
      this.#held.delete(key);
      if (this.#held.size === 0) this.#others = 0;
      return notification;
    }
    return undefined;
  }

  #addOther(method: string, params: JsonObject): void {
    if (method === "$/logMessage" || this.#others >= MAX_OTHERS) {
      this.dropped++;
      return;
    }
    this.#others++;
    this.#held.set(`#${this.#others}`, { method, params });
  }
}

function union(a: unknown, b: unknown): string[] {
  return [...new Set([...(a as string[]), ...(b as string[])])];
}
