import type { SweepGetResult } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { sweepTable } from "../render/sweep-table.ts";
import { commandText, plain, shortId } from "../render/text.ts";

interface Options {
  readonly metric?: string;
}

export const sweepShow: CommandModule = {
  define(command) {
    command
      .argument("<sweep>", "id, name or unique beginning of the id")
      .option("--metric <name>", "best first: the greatest; with - in front the least: -loss");
  },
  async run(call) {
    const result = await call.request("sweep.get", { id: call.args[0] ?? "" });
    await call.answer(result, () => sweepText(call, result, call.options<Options>().metric));
    return 0;
  },
};

/** A line about the sweep, and its table. */
export function sweepText(call: Call, result: SweepGetResult, metric: string | undefined): string {
  const { sweep, counts } = result;
  const told = Object.entries(counts).map(([status, number]) => `${number} ${status}`);
  const missing = result.runs.filter(({ run }) => !run).length;
  if (missing > 0) told.push(`${missing} missing`);
  const head = `sweep ${call.style.bold(shortId(sweep.id))} ${plain(sweep.name)}: ${told.join(", ")}: ${commandText(sweep.command)}`;
  const options = {
    style: call.style,
    width: call.stdout.columns,
    ...(metric === undefined ? {} : { metric }),
  };
  return `${head}\n${sweepTable(result, options)}`;
}
