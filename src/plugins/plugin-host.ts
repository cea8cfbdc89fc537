import { stat } from "node:fs/promises";
import { errors } from "../protocol/errors.ts";
import type { AnswerPlugin, PluginContent, PluginHost, RunnablePlugin } from "../services/ports/plugins.ts";
import type { Variables } from "../util/executables.ts";
import { findBubblewrap } from "./bubblewrap.ts";
import { denoVersion, findDeno } from "./deno-binary.ts";
import { launchOf } from "./launch.ts";
import { PluginProcess } from "./plugin-process.ts";
import { type Prepared, prepare } from "./prepare.ts";

/** A process that nobody calls is kept this long. */
const IDLE_MS = 60_000;

export interface PluginHostOptions {
  readonly project: string;
  /** `<cache folder>/plugins`: the files that are run. */
  readonly cache: string;
  /** Folders that no plugin may look into: what datmo keeps, and the grants. */
  readonly forbidden: readonly string[];
  readonly variables: Variables;
  readonly answer: AnswerPlugin;
  /** Told what plugins print. Absent: nobody wants to know. */
  readonly heard?: (name: string, text: string) => void;
}

interface Slot {
  readonly process: Promise<PluginProcess>;
  readonly plugin: RunnablePlugin;
  running?: PluginProcess;
  idle?: NodeJS.Timeout;
}

/** Runs plugins as processes of their own. */
export function createPluginHost(options: PluginHostOptions): PluginHost {
  const { variables, cache } = options;
  const slots = new Map<string, Slot>();
  let deno: string | undefined;
  let bubblewrap: Promise<string | undefined> | undefined;
  let closed = false;

  const denoPath = (): string => {
    deno ??= findDeno(variables, import.meta.url);
    return deno;
  };
  const wrap = (): Promise<string | undefined> => {
    bubblewrap ??= findBubblewrap(variables, denoPath());
    return bubblewrap;
  };

  function prepared(content: PluginContent): Promise<Prepared> {
    const program = content.manifest.runtime === "deno" ? denoPath() : "";
    return prepare(content, program, cache);
  }

  async function start(plugin: RunnablePlugin): Promise<PluginProcess> {
    const { name, runtime } = plugin.content.manifest;
    if (runtime === "process" && !plugin.all) {
      const hint = `Nothing confines a program. When you trust it: datmo plugin grant ${name} --allow-all`;
      throw errors.PLUGIN_NOT_GRANTED({ name, asks: "everything, as all that are programs" }, { hint });
    }
    await stat(options.project);
    const [files, sandbox] = await Promise.all([
      prepared(plugin.content),
      runtime === "deno" ? wrap() : undefined,
    ]);
    const launch = await launchOf(plugin, files, {
      deno: runtime === "deno" ? denoPath() : "",
      bubblewrap: sandbox,
      project: options.project,
      forbidden: options.forbidden,
      cache,
      variables,
    });
    const started = new PluginProcess(plugin, launch, options);
    await started.begin(options.project).catch((error: unknown) => {
      started.kill("its handshake failed");
      throw error;
    });
    return started;
  }

  /** The running process, or a new one. */
  function slotOf(plugin: RunnablePlugin): Slot {
    const { name } = plugin.content.manifest;
    const known = slots.get(name);
    // One that was killed is dead, also while the system has not said so.
    const isDead = known?.running?.isAlive === false;
    if (known && !isDead && isSame(known.plugin, plugin)) return known;
    if (known && !isDead) void end(known);
    const slot: Slot = { plugin, process: start(plugin) };
    slots.set(name, slot);
    const forget = (): void => {
      clearTimeout(slot.idle);
      if (slots.get(name) === slot) slots.delete(name);
    };
    slot.process.then((running) => {
      slot.running = running;
      void running.ended.then(forget);
    }, forget);
    return slot;
  }

  function waitIdle(slot: Slot, running: PluginProcess): void {
    clearTimeout(slot.idle);
    slot.idle = setTimeout(() => {
      if (running.openCalls === 0) void running.stop();
    }, IDLE_MS);
    slot.idle.unref();
  }

  async function end(slot: Slot): Promise<void> {
    clearTimeout(slot.idle);
    await slot.process.then(
      (running) => running.stop(),
      () => undefined,
    );
  }

  return {
    async check(content) {
      await prepared(content);
    },
    async call(plugin, method, params, callOptions) {
      if (closed)
        throw errors.PLUGIN_CRASHED({ name: plugin.content.manifest.name, reason: "datmo is leaving" });
      const slot = slotOf(plugin);
      const running = await slot.process;
      clearTimeout(slot.idle);
      try {
        return await running.call(method, params, callOptions);
      } finally {
        waitIdle(slot, running);
      }
    },
    async start(plugin) {
      if (closed)
        throw errors.PLUGIN_CRASHED({ name: plugin.content.manifest.name, reason: "datmo is leaving" });
      const slot = slotOf(plugin);
      waitIdle(slot, await slot.process);
    },
    async stop(name) {
      const slot = slots.get(name);
      if (slot) await end(slot);
    },
    async sandbox() {
      try {
        const version = await denoVersion(denoPath());
        const wrapping = (await wrap()) === undefined ? "bubblewrap is not available" : "inside bubblewrap";
        return `Deno ${version}, ${wrapping}`;
      } catch (error) {
        return (error as Error).message;
      }
    },
    async close() {
      closed = true;
      await Promise.all([...slots.values()].map(end));
    },
  };
}

/** The same content with the same rights. */
function isSame(a: RunnablePlugin, b: RunnablePlugin): boolean {
  if (a === b) return true;
  const rights = ({ all, permissions }: RunnablePlugin): string => JSON.stringify([all, permissions]);
  return a.content.hash === b.content.hash && rights(a) === rights(b);
}
