import type { PointCounter } from "../ports/hooks.ts";
import type { PluginGrant } from "../ports/plugins.ts";

/** How often plugins are told of the points of a run. */
const EVERY_MS = 1_000;

export interface PointTellerOptions {
  targets(): Promise<readonly (readonly [name: string, grant: PluginGrant])[]>;
  /** Whether the plugin was not told yet of what was put under this key. */
  waits(plugin: string, key: string): Promise<boolean>;
  put(
    name: string,
    grant: PluginGrant,
    stretch: { readonly from: number; readonly to: number },
  ): Promise<string>;
}

/** Counts the points of one run, which costs an addition, and tells of them when there is somebody to be told. */
export interface PointTeller extends PointCounter {
  /** Tells of all points so far. */
  end(): Promise<void>;
}

export function createPointTeller(options: PointTellerOptions): PointTeller {
  /** For each plugin, how far it was told; one event of a run waits for it at most. */
  const told = new Map<string, { to: number; key: string }>();
  let count = 0;
  /** Nothing is on its way, and somebody may want to know. */
  let isQuiet = true;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  let targets: ReturnType<PointTellerOptions["targets"]> | undefined;
  let telling: Promise<void> = Promise.resolve();

  async function tell(all: boolean): Promise<void> {
    const to = count;
    for (const [name, grant] of (await targets) ?? []) {
      const before = told.get(name);
      const from = before?.to ?? 0;
      if (from === to || (before && !all && (await options.waits(name, before.key)))) continue;
      told.set(name, { to, key: await options.put(name, grant, { from, to }) });
    }
  }

  /** Whoever is granted something later is told from the next run on. */
  async function arm(): Promise<void> {
    targets ??= options.targets();
    if ((await targets).length === 0 || ended) return;
    timer = setTimeout(() => {
      telling = tell(false).then(afterwards, afterwards);
    }, EVERY_MS);
    timer.unref();
  }

  function afterwards(): void {
    if (ended) return;
    if ([...told.values()].some(({ to }) => to < count)) arm().catch(() => undefined);
    else isQuiet = true;
  }

  return {
    add(points) {
      count += points;
      if (!isQuiet) return;
      isQuiet = false;
      arm().catch(() => undefined);
    },
    async end() {
      ended = true;
      clearTimeout(timer);
      await telling;
      if (count > 0) await tell(true);
    },
  };
}
