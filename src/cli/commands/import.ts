import type { ImporterRunResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { count, plain } from "../render/text.ts";

interface Options {
  readonly from?: string;
  readonly dryRun?: boolean;
}

/** Problems that are shown; `--json` has more of them. */
const SHOWN = 10;

export const importRuns: CommandModule = {
  define(command) {
    command
      .argument("<path>", "file or folder of the other tool")
      .option("--from <format>", "mlruns, tfevents, wandb, trackio, dvclive, datmo, or what a plugin reads")
      .option("--dry-run", "only say what would come");
  },
  async run(call) {
    const { from, dryRun } = call.options<Options>();
    const [path = ""] = call.args;
    const interrupt = abortOnSignal(call.host);
    try {
      const params = {
        path,
        ...(from === undefined ? {} : { format: from }),
        ...(dryRun ? { dryRun } : {}),
      };
      const result = await call.request("importer.run", params, { signal: interrupt.signal, progress: true });
      await call.answer(result, () => reportText(result));
      return 0;
    } finally {
      interrupt.end();
    }
  },
};

function reportText(result: ImporterRunResult): string {
  const { format, dryRun, newRuns, changedRuns, unchangedRuns, points, files, problems } = result;
  const parts = [
    newRuns > 0 ? count(newRuns, "new run") : "",
    changedRuns > 0 ? `${count(changedRuns, "run")} with more than before` : "",
    points > 0 ? count(points, "point") : "",
    files > 0 ? count(files, "file") : "",
  ].filter((part) => part !== "");
  const known = unchangedRuns > 0 ? ` ${count(unchangedRuns, "run")} already here.` : "";
  const lines = problems.slice(0, SHOWN).map(({ run, message }) => {
    const where = run === undefined ? "" : `${plain(run)}: `;
    return `  ${where}${plain(message)}`;
  });
  const more = result.problemCount - lines.length;
  const verb = dryRun ? "Would import" : "Imported";
  return [
    parts.length === 0
      ? `Nothing new (${plain(format)}).${known}`
      : `${verb} (${plain(format)}): ${parts.join(", ")}.${known}`,
    ...(lines.length > 0 ? ["Left out or told apart:", ...lines] : []),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join("\n");
}
