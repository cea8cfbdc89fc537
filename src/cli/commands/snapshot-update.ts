import { errors } from "../../protocol/errors.ts";
import type { CommandModule } from "../command-module.ts";
import { configOf, metricsOf } from "../options/assignments.ts";
import { snapshotAliases } from "../options/snapshot-options.ts";
import { collect } from "../options/values.ts";
import { snapshotLine } from "../render/snapshot-line.ts";

interface Options {
  readonly message?: string;
  readonly label?: string;
  readonly visible?: boolean;
  readonly hidden?: boolean;
  readonly config?: readonly string[];
  readonly metrics?: readonly string[];
}

export const snapshotUpdate: CommandModule = {
  aliases: snapshotAliases,
  define(command) {
    command
      .argument("<snapshot>", "id, label or unique beginning of an id")
      .option("-m, --message <text>", "new message")
      .option("-l, --label <label>", "new label; empty removes it")
      .option("-c, --config <key=value>", "a value to merge into its config (repeatable)", collect)
      .option("-s, --metrics <name=number>", "one to merge into its metrics (repeatable)", collect)
      .option("--visible", "list it among yours")
      .option("--hidden", "list it with --all only");
  },
  async run(call) {
    const { message, label, visible, hidden, config, metrics } = call.options<Options>();
    if (visible && hidden) throw invalid("--visible and --hidden exclude each other.");
    const values = configOf(config);
    const changes = {
      ...(message === undefined ? {} : { message }),
      ...(label === undefined ? {} : { label }),
      ...(visible ? { visible: true } : hidden ? { visible: false } : {}),
      ...(values === undefined ? {} : { config: values }),
      ...(metrics === undefined ? {} : { metrics: metricsOf(metrics) }),
    };
    if (Object.keys(changes).length === 0) {
      throw invalid(
        "Nothing to change was given.",
        "Give --message, --label, --config, --metrics, --visible or --hidden.",
      );
    }
    const result = await call.request("snapshot.update", { id: call.args[0] ?? "", ...changes });
    await call.answer(result, () => snapshotLine(result.snapshot, call.style));
    return 0;
  },
};

function invalid(summary: string, hint?: string): Error {
  return errors.INVALID_PARAMS({ summary, problems: [] }, hint === undefined ? {} : { hint });
}
