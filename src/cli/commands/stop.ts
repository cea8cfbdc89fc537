import { Option } from "commander";
import { errors } from "../../protocol/errors.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { durationOption } from "../options/values.ts";
import { runSummary } from "../render/run-summary.ts";

interface Options {
  readonly all?: boolean;
  readonly id?: string;
  readonly grace?: number;
}

export const stop: CommandModule = {
  define(command) {
    command
      .argument("[run]", "id, name or unique beginning of an id")
      .option("-a, --all", "stop every run that has not ended")
      .option(
        "--grace <time>",
        "time between the request to end and the kill (10s when not given)",
        durationOption,
      )
      .addOption(new Option("--id <run>").hideHelp());
  },
  async run(call) {
    const options = call.options<Options>();
    const id = call.args[0] ?? options.id;
    if ((id === undefined) === (options.all === undefined)) {
      const summary = id === undefined ? "Say which run to stop." : "A run and --all exclude each other.";
      throw errors.INVALID_PARAMS(
        { summary, problems: [] },
        { hint: "`datmo stop RUN`, or `datmo stop --all`." },
      );
    }
    const interrupt = abortOnSignal(call.host);
    try {
      const grace = options.grace === undefined ? {} : { graceMs: options.grace };
      const result = await call.request(
        "run.stop",
        { ...(id === undefined ? { all: true } : { id }), ...grace },
        { signal: interrupt.signal },
      );
      await call.answer(result, () => result.runs.map((run) => runSummary(run, call.style)).join("\n"));
      if (result.runs.length === 0 && !call.json) await call.note("No run is active.");
    } finally {
      interrupt.end();
    }
    return 0;
  },
};
