import { resolve } from "node:path";
import { errors } from "../../protocol/errors.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { bytesText, count } from "../render/text.ts";

interface Options {
  readonly codeOnly?: boolean;
  readonly filesOnly?: boolean;
}

export const snapshotExport: CommandModule = {
  define(command) {
    command
      .argument("<snapshot>", "id, label or unique beginning of an id")
      .argument("<dir>", "folder to write to; must be empty or absent")
      .option("--code-only", "leave out the kept files, which else go to datmo_files in it")
      .option("--files-only", "only the kept files");
  },
  async run(call) {
    const [id = "", target = ""] = call.args;
    const { codeOnly, filesOnly } = call.options<Options>();
    if (codeOnly && filesOnly) {
      throw errors.INVALID_PARAMS({
        summary: "--code-only and --files-only exclude each other.",
        problems: [],
      });
    }
    const only = codeOnly ? "code" : filesOnly ? "files" : undefined;
    const directory = resolve(call.host.directory, target);
    const interrupt = abortOnSignal(call.host);
    try {
      const result = await call.request(
        "snapshot.export",
        { id, directory, ...(only === undefined ? {} : { only }) },
        { signal: interrupt.signal, progress: true },
      );
      await call.answer(
        result,
        () => `Wrote ${count(result.files, "file")} (${bytesText(result.bytes)}) to ${directory}`,
      );
    } finally {
      interrupt.end();
    }
    return 0;
  },
};
