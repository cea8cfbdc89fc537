import { errors } from "../../protocol/errors.ts";
import type { ExporterRunResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { collect } from "../options/values.ts";
import { bytesText, count, plain } from "../render/text.ts";

interface Options {
  readonly format?: string;
  readonly run?: readonly string[];
  readonly filter?: string;
  readonly system?: boolean;
  readonly force?: boolean;
}

/** Problems that are shown; `--json` has more of them. */
const SHOWN = 10;

export const exportRuns: CommandModule = {
  define(command) {
    command
      .argument("<dir>", "folder to write to; exporting again brings it up to date")
      .option("--format <format>", "mlruns, tfevents, dvclive, csv, parquet, or what a plugin writes")
      .option("--run <run>", "only this run: id, name or unique beginning (repeatable)", collect)
      .option("--filter <filter>", "only runs that it is true of: 'metrics.acc > 0.9'")
      .option("--system", "also what the runs used of the machine")
      .option("--force", "replace files that datmo did not write there, or that were changed since");
  },
  async run(call) {
    const { format, run, filter, system, force } = call.options<Options>();
    const [directory = ""] = call.args;
    if (format === undefined) {
      const hint = "Formats: mlruns, tfevents, dvclive, csv, parquet, and what plugins write.";
      throw errors.INVALID_PARAMS({ summary: "Say what to write with --format.", problems: [] }, { hint });
    }
    const interrupt = abortOnSignal(call.host);
    try {
      const params = {
        format,
        directory,
        ...(run === undefined ? {} : { runs: run }),
        ...(filter === undefined ? {} : { filter }),
        ...(system ? { system } : {}),
        ...(force ? { force } : {}),
      };
      const result = await call.request("exporter.run", params, { signal: interrupt.signal, progress: true });
      await call.answer(result, () => reportText(result));
      return 0;
    } finally {
      interrupt.end();
    }
  },
};

function reportText({
  format,
  directory,
  runs,
  files,
  unchanged,
  bytes,
  problems,
}: ExporterRunResult): string {
  const same = unchanged > 0 ? `, ${unchanged} unchanged` : "";
  const shown = problems.slice(0, SHOWN).map((problem) => `  ${plain(problem)}`);
  const more = problems.length - shown.length;
  return [
    `Exported ${count(runs, "run")} (${plain(format)}) to ${plain(directory)}: ${count(files, "file")} written${same}, ${bytesText(bytes)}.`,
    ...(shown.length > 0 ? ["Left out:", ...shown] : []),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join("\n");
}
