import type { StoreFsckResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT } from "../exit-codes.ts";
import { sectionText } from "../render/fields.ts";
import { plain, shortId } from "../render/text.ts";
import type { Style } from "../style.ts";

export const fsck: CommandModule = {
  define() {},
  async run(call) {
    const interrupt = abortOnSignal(call.host);
    try {
      const result = await call.request("store.fsck", {}, { signal: interrupt.signal, progress: true });
      await call.answer(result, () => reportText(result, call.style));
      return result.clean ? EXIT.ok : EXIT.damaged;
    } finally {
      interrupt.end();
    }
  },
};

function reportText({ clean, problems, objects }: StoreFsckResult, style: Style): string {
  if (clean) return style.green("Everything can be read and is as it was written.");
  const records = problems.map(({ kind, message }) => `${style.red(kind)}  ${plain(message)}`);
  const damaged = objects.map(({ path, problem, snapshots }) => {
    const touched = snapshots.length === 0 ? "" : ` (snapshots ${snapshots.map(shortId).join(" ")})`;
    return `${style.red(plain(path))}  ${plain(problem)}${touched}`;
  });
  return [sectionText("Records", records, style), sectionText("Snapshots", damaged, style)]
    .filter((part) => part !== "")
    .join("\n\n");
}
