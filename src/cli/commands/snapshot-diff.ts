import type { Snapshot } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { diffText } from "../render/diff.ts";
import { plain, shortId } from "../render/text.ts";
import { timeText } from "../render/times.ts";

interface Options {
  readonly stat?: boolean;
}

export const snapshotDiff: CommandModule = {
  define(command) {
    command
      .argument("<a>", "id, label or unique beginning of an id: the left side")
      .argument("<b>", "the right side")
      .argument("[path...]", "only files at or below these paths")
      .option("--stat", "only how many files differ");
  },
  async run(call) {
    const [a = "", b = "", ...paths] = call.args;
    const result = await call.request("snapshot.diff", { a, b });
    await call.answer(result, () => {
      const text = diffText(result.diff, {
        style: call.style,
        paths,
        stat: call.options<Options>().stat === true,
      });
      const head = `${sideText("a", result.a)}\n${sideText("b", result.b)}\n`;
      return `${call.style.dim(head)}\n${text === "" ? "No difference." : text}`;
    });
    return 0;
  },
};

function sideText(side: string, { id, label, message, createdAt }: Snapshot): string {
  return [side, shortId(id), timeText(createdAt), label && `[${plain(label)}]`, plain(message)]
    .filter(Boolean)
    .join("  ");
}
