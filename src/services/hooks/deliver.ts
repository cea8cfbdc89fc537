import { isDatmoError } from "../../protocol/errors.ts";
import { askPlugin, runnablesOf } from "../plugins/ask-plugin.ts";
import { throwIfResting } from "../plugins/plugin-parts.ts";
import type { WaitingEvent } from "../ports/hooks.ts";
import type { RunnablePlugin } from "../ports/plugins.ts";
import type { OpenProject } from "../project/open-project.ts";
import { nextBatch } from "./batch.ts";

/** Longest time that a hook may take for one batch. */
const HOOK_MS = 30_000;
/** How often a batch is told; after that it is counted as missed. */
const MOST_TRIES = 3;
/** First wait after a failure; it doubles each time, up to the last one. */
const BACK_OFF_MS = 500;
const MOST_BACK_OFF_MS = 30_000;
/** The deliverer leaves when nothing came for so long; plugins are warm until then. */
const IDLE_MS = 5_000;
const POLL_MS = 50;

/**
 * Tells plugins of what waits for them, each in order and none waiting for another, until nothing came for a while.
 * Of all processes one does; the others return at once.
 */
export async function deliverEvents(project: OpenProject): Promise<void> {
  const { outbox } = project.plugins;
  do {
    if (!(await outbox.claim())) return;
    try {
      await deliverUntilIdle(project);
    } finally {
      await outbox.release();
    }
    // What came while this one was leaving was told to nobody.
  } while ((await deliverable(project)).length > 0);
}

async function deliverUntilIdle(project: OpenProject): Promise<void> {
  const lines = new Map<string, Line>();
  let busyAt = Date.now();
  while (Date.now() - busyAt < IDLE_MS) {
    for (const plugin of await deliverable(project)) {
      const { name } = plugin.content.manifest;
      const line = lines.get(name) ?? { tries: 0, failures: 0, from: 0, isBusy: false };
      lines.set(name, line);
      busyAt = Date.now();
      if (!line.isBusy && Date.now() >= line.from) void deliverOnce(project, plugin, line);
    }
    if ([...lines.values()].some(({ isBusy }) => isBusy)) busyAt = Date.now();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** What is known of the deliveries to one plugin. */
interface Line {
  /** Of the batch that comes next. */
  tries: number;
  failures: number;
  /** Nothing is told before this time. */
  from: number;
  isBusy: boolean;
}

/** Plugins that something waits for and that may be told of it now. */
async function deliverable(project: OpenProject): Promise<RunnablePlugin[]> {
  const { plugins } = project;
  const found: RunnablePlugin[] = [];
  for (const name of await plugins.outbox.plugins()) {
    try {
      const plugin = await runnablesOf(project).get(name);
      if (!plugin) continue;
      await throwIfResting(plugins.health, plugin);
      found.push(plugin);
    } catch (error) {
      // It is gone, cannot be used, or rests; `plugin ls` tells.
      if (!isDatmoError(error)) throw error;
    }
  }
  return found;
}

async function deliverOnce(project: OpenProject, plugin: RunnablePlugin, line: Line): Promise<void> {
  const { outbox, health } = project.plugins;
  const { content } = plugin;
  const { name } = content.manifest;
  line.isBusy = true;
  try {
    const batch = nextBatch(await outbox.oldest(name, MOST_READ));
    const done = (): Promise<void> => outbox.remove(name, batch.keys);
    try {
      if (batch.keys.length > 0) await tell(project, plugin, batch);
      await done();
      Object.assign(line, { tries: 0, failures: 0, from: 0 });
    } catch (error) {
      if (!isDatmoError(error)) throw error;
      if (OWN_FAILURES.has(error.kind)) await health.failed(name, content.hash, error.message);
      line.failures++;
      line.tries++;
      line.from = Date.now() + Math.min(MOST_BACK_OFF_MS, BACK_OFF_MS * 2 ** (line.failures - 1));
      if (line.tries < MOST_TRIES) return;
      line.tries = 0;
      await outbox.miss(name, batch.events.length);
      await done();
    }
  } catch {
    // The disk: it is looked at again.
    line.from = Date.now() + MOST_BACK_OFF_MS;
  } finally {
    line.isBusy = false;
  }
}

/** Read at once, to find those of one sort. */
const MOST_READ = 100;

/** Failures that `askPlugin` does not count: a hook that throws each time is to rest too. */
const OWN_FAILURES: ReadonlySet<string> = new Set([
  "PLUGIN_FAILED",
  "PLUGIN_INVALID",
  "PLUGIN_NOT_GRANTED",
  "DENO_NOT_FOUND",
]);

async function tell(
  project: OpenProject,
  plugin: RunnablePlugin,
  { event, events }: { readonly event: string; readonly events: WaitingEvent["data"][] },
): Promise<void> {
  await askPlugin(
    project,
    plugin,
    { name: "hook.deliver", params: { event, events } },
    { timeoutMs: HOOK_MS },
  );
}
