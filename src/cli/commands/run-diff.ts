import type { Run } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { answerDiff, defineDiffOptions, diffParams } from "../options/diff-options.ts";
import { commandText, plain, shortId } from "../render/text.ts";

export const runDiff: CommandModule = {
  define(command) {
    command
      .argument("<a>", "id, name or unique beginning of an id: the left side")
      .argument("<b>", "the right side")
      .argument("[path...]", "only files at or below these paths");
    defineDiffOptions(command);
  },
  async run(call) {
    const [a = "", b = "", ...paths] = call.args;
    const result = await call.request("run.diff", { a, b, ...diffParams(call, paths) });
    await answerDiff(call, result, [sideText(result.a), sideText(result.b)], paths.length > 0);
    return 0;
  },
};

function sideText(run: Run): string {
  return `${shortId(run.id)}  ${plain(run.name)}  ${commandText(run.command)}`;
}
