import type { Run } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { diffText } from "../render/diff.ts";
import { commandText, plain, shortId } from "../render/text.ts";

export const runDiff: CommandModule = {
  define(command) {
    command
      .argument("<a>", "id, name or unique beginning of an id: the left side")
      .argument("<b>", "the right side");
  },
  async run(call) {
    const [a = "", b = ""] = call.args;
    const result = await call.request("run.diff", { a, b });
    await call.answer(result, () => {
      const text = diffText(result.diff, { style: call.style });
      const head = `${sideText("a", result.a)}\n${sideText("b", result.b)}\n`;
      return `${call.style.dim(head)}\n${text === "" ? "No difference." : text}`;
    });
    return 0;
  },
};

function sideText(side: string, run: Run): string {
  return `${side}  ${shortId(run.id)}  ${plain(run.name)}  ${commandText(run.command)}`;
}
