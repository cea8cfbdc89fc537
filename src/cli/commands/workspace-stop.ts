import { errors } from "../../protocol/errors.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { durationOption } from "../options/values.ts";
import { runSummary } from "../render/run-summary.ts";

interface Options {
  readonly all?: boolean;
  readonly grace?: number;
}

export const workspaceStop: CommandModule = {
  define(command) {
    command
      .argument("[workspace]", "id, name or unique beginning of an id of its run")
      .option("-a, --all", "every workspace that runs")
      .option(
        "--grace <time>",
        "time between the request to end and the kill (10s when not given)",
        durationOption,
      );
  },
  async run(call) {
    const { all, grace } = call.options<Options>();
    const [id] = call.args;
    if ((id === undefined) === (all === undefined)) {
      const summary =
        id === undefined ? "Say which workspace to stop." : "A workspace and --all exclude each other.";
      const hint = "`datmo workspace stop ID`, or `datmo workspace stop --all`.";
      throw errors.INVALID_PARAMS({ summary, problems: [] }, { hint });
    }
    const interrupt = abortOnSignal(call.host);
    try {
      const result = await call.request(
        "workspace.stop",
        {
          ...(id === undefined ? { all: true } : { id }),
          ...(grace === undefined ? {} : { graceMs: grace }),
        },
        { signal: interrupt.signal },
      );
      await call.answer(result, () => result.runs.map((run) => runSummary(run, call.style)).join("\n"));
      if (result.runs.length === 0 && !call.json) await call.note("No workspace runs.");
    } finally {
      interrupt.end();
    }
    return 0;
  },
};
