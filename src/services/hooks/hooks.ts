import type { HookEvent } from "../../protocol/types.ts";
import type { HookEventName, HookOutbox, Hooks, PointCounter, StartDeliverer } from "../ports/hooks.ts";
import type { PluginGrant, PluginGrants, PluginHealth } from "../ports/plugins.ts";
import { createPointTeller, type PointTeller } from "./point-teller.ts";

export interface HookParts {
  readonly directory: string;
  readonly outbox: HookOutbox;
  readonly grants: Pick<PluginGrants, "all">;
  readonly health: Pick<PluginHealth, "read">;
  readonly startDeliverer: StartDeliverer;
}

/** Longest wait of a leaving engine until plugins were told. */
const SETTLE_MS = 2_000;
const POLL_MS = 20;
/** A deliverer that ends at once is not started for every event. */
const START_EVERY_MS = 1_000;

/** Where hooks are turned off: in what a hook itself does. */
export const NO_HOOKS: Hooks = {
  tell: async () => undefined,
  points: () => ({ add: () => undefined }),
  flush: async () => undefined,
  close: async () => undefined,
};

/** The plugins that are told of an event are those that were granted it; which, the grants say themselves. */
export function createHooks(parts: HookParts): Hooks {
  const { outbox } = parts;
  const tellers = new Map<string, PointTeller>();
  /** What was put by this engine, and is waited for when it leaves. */
  const own: { plugin: string; key: string; hash: string }[] = [];
  let last = 0;
  let startedAt = 0;

  async function put(
    name: string,
    grant: PluginGrant,
    event: HookEventName,
    data: HookEvent,
  ): Promise<string> {
    last++;
    const key = `${String(Date.now()).padStart(14, "0")}-${process.pid}-${String(last).padStart(8, "0")}`;
    if (await outbox.put(name, { key, event, data })) own.push({ plugin: name, key, hash: grant.hash });
    if (own.length > MOST_OWN) own.splice(0, own.length - MOST_OWN);
    return key;
  }

  async function ensureDeliverer(): Promise<void> {
    if (Date.now() - startedAt < START_EVERY_MS || (await outbox.isClaimed())) return;
    startedAt = Date.now();
    await parts.startDeliverer(parts.directory);
  }

  async function tell(event: HookEventName, given: Parameters<Hooks["tell"]>[1]): Promise<void> {
    const at = new Date().toISOString();
    const targets = await targetsOf(parts.grants, event);
    if (event === "run.finished" && given.runId) await flush(given.runId);
    if (targets.length === 0) return;
    const { id = `${event} ${given.snapshotId ?? given.runId} ${at}` } = given;
    for (const [name, grant] of targets) await put(name, grant, event, { ...given, id, at });
    await ensureDeliverer();
  }

  async function flush(runId?: string): Promise<void> {
    for (const [id, teller] of tellers) {
      if (runId !== undefined && id !== runId) continue;
      await teller.end();
      tellers.delete(id);
    }
  }

  function points(runId: string): PointCounter {
    const known = tellers.get(runId);
    if (known) return known;
    const teller = createPointTeller({
      targets: () => targetsOf(parts.grants, "metric.logged"),
      waits: (plugin, key) => outbox.waits(plugin, key),
      async put(name, grant, { from, to }) {
        const at = new Date().toISOString();
        const key = await put(name, grant, "metric.logged", {
          id: `metric.logged ${runId} ${to}`,
          at,
          runId,
          from,
          to,
        });
        await ensureDeliverer();
        return key;
      },
    });
    tellers.set(runId, teller);
    return teller;
  }

  /** A plugin that failed last time is not waited for: it may hang. */
  async function waiting(): Promise<typeof own> {
    const left: typeof own = [];
    for (const one of own) {
      if (
        (await parts.health.read(one.plugin, one.hash)) === undefined &&
        (await outbox.waits(one.plugin, one.key))
      )
        left.push(one);
    }
    return left;
  }

  return {
    tell: (event, data) => tell(event, data).catch(() => undefined),
    points,
    flush: (runId) => flush(runId).catch(() => undefined),
    async close() {
      try {
        await flush();
        if (own.length === 0) return;
        startedAt = 0;
        await ensureDeliverer();
        const until = Date.now() + SETTLE_MS;
        while (Date.now() < until && (await waiting()).length > 0) await pause(POLL_MS);
      } catch {
        // The events are there, or cannot be; neither is the end of the engine's business.
      }
    },
  };
}

/** Only the newest ones are waited for. */
const MOST_OWN = 20;

/** Granted plugins that are told of an event. Costs a look at one file. */
async function targetsOf(
  grants: Pick<PluginGrants, "all">,
  event: HookEventName,
): Promise<[string, PluginGrant][]> {
  return [...(await grants.all())].filter(([, { hooks }]) => hooks.includes(event));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
