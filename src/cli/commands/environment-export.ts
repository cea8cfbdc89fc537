import { resolve } from "node:path";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { bytesText, count } from "../render/text.ts";

export const environmentExport: CommandModule = {
  define(command) {
    command
      .argument("<environment>", "name, id or unique beginning of an id")
      .argument("<dir>", "folder to write to; must be empty or absent");
  },
  async run(call) {
    const [id = "", target = ""] = call.args;
    const directory = resolve(call.host.directory, target);
    const interrupt = abortOnSignal(call.host);
    try {
      const result = await call.request(
        "environment.export",
        { id, directory },
        { signal: interrupt.signal, progress: true },
      );
      await call.answer(
        result,
        () => `Wrote ${count(result.files, "file")} (${bytesText(result.bytes)}) to ${directory}`,
      );
      if (!call.json) await call.note(`Builds anywhere: docker build ${directory}`);
    } finally {
      interrupt.end();
    }
    return 0;
  },
};
