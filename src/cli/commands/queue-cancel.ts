import { errors } from "../../protocol/errors.ts";
import type { CommandModule } from "../command-module.ts";
import { runSummary } from "../render/run-summary.ts";

interface Options {
  readonly all?: boolean;
}

export const queueCancel: CommandModule = {
  define(command) {
    command
      .argument("[run...]", "ids, names or unique beginnings of ids")
      .option("-a, --all", "everything that waits");
  },
  async run(call) {
    const { all } = call.options<Options>();
    if (all ? call.args.length > 0 : call.args.length === 0) {
      const summary = all ? "Runs and --all exclude each other." : "Say which runs to take out.";
      const hint = "`datmo queue cancel RUN…`, or `datmo queue cancel --all`.";
      throw errors.INVALID_PARAMS({ summary, problems: [] }, { hint });
    }
    const ids = all ? await waiting() : call.args;
    const result = ids.length === 0 ? { runs: [] } : await call.request("queue.cancel", { ids });
    await call.answer(result, () => result.runs.map((run) => runSummary(run, call.style)).join("\n"));
    if (result.runs.length === 0 && !call.json) await call.note("Nothing waits in the queue.");
    return 0;

    async function waiting(): Promise<string[]> {
      const { items } = await call.request("queue.list", {});
      return items.filter(({ held }) => !held).map(({ run }) => run.id);
    }
  },
};
