import { setTimeout as sleep } from "node:timers/promises";
import type { UsageProbe, UsageReading } from "../../services/ports/usage.ts";
import { type ConnectionOptions, connect } from "./connection.ts";
import { inspectContainer, isRunning } from "./container-state.ts";
import { type ControlGroup, findControlGroup, readControlGroup } from "./control-group.ts";
import { readContainerFile } from "./task-folder.ts";
import { type EngineStats, usageOfStats } from "./usage-stats.ts";

/** Longest wait for an engine's answer; it takes one to two seconds to measure. */
const ANSWER_MS = 5_000;

/**
 * What a container uses: from the kernel's own files where the container runs on this machine, which costs the engine
 * nothing; else the engine is asked.
 */
export function watchContainer(options: ConnectionOptions, taskDirectory: string): UsageProbe {
  const closed = new AbortController();
  /** Undefined: not looked for yet. False: not to be seen from here. */
  let group: ControlGroup | false | undefined;

  async function look(): Promise<UsageReading | undefined> {
    const file = await readContainerFile(taskDirectory);
    if (!file) return undefined;
    if (group) return readControlGroup(group);
    const connection = await connect(options, file.engine);
    try {
      if (group === undefined) {
        const state = await inspectContainer(connection, file.container);
        if (!state || !isRunning(state)) return undefined;
        group = (await findControlGroup(state.State.Pid, state.Id)) ?? false;
        if (group) return readControlGroup(group);
      }
      const giveUp = AbortSignal.any([closed.signal, AbortSignal.timeout(ANSWER_MS)]);
      const path = `/containers/${file.container}/stats?stream=false&one-shot=true`;
      return usageOfStats((await connection.ask("GET", path, { signal: giveUp })) as EngineStats);
    } finally {
      connection.close();
    }
  }

  return {
    async read() {
      if (closed.signal.aborted) return undefined;
      const limit = sleep(2 * ANSWER_MS, undefined, { ref: false, signal: closed.signal });
      return Promise.race([look(), limit]).catch(() => undefined);
    },
    close: () => closed.abort(),
  };
}
