import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { exitCodeOfRun } from "../exit-codes.ts";
import { durationOption } from "../options/values.ts";
import { runSummary } from "../render/run-summary.ts";

interface Options {
  readonly timeout?: number;
}

export const runWait: CommandModule = {
  define(command) {
    command
      .argument("<run...>", "ids, names or unique beginnings of ids")
      .option("--timeout <time>", "stop waiting (not the run) after this time: 90s, 2h", durationOption);
  },
  async run(call) {
    const { timeout } = call.options<Options>();
    const until = timeout === undefined ? undefined : Date.now() + timeout;
    const interrupt = abortOnSignal(call.host);
    let code = 0;
    try {
      for (const id of call.args) {
        const timeoutMs = until === undefined ? undefined : Math.max(0, until - Date.now());
        const result = await call.request(
          "run.wait",
          { id, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
          { signal: interrupt.signal },
        );
        await call.answer(result, () => runSummary(result.run, call.style));
        // As `timeout` exits when the time is up.
        const ended = result.run.endedAt !== undefined;
        if (code === 0) code = ended ? exitCodeOfRun(result.run) : 124;
      }
    } finally {
      interrupt.end();
    }
    return code;
  },
};
