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

function reportText({ clean, problems, objects, notes = [] }: StoreFsckResult, style: Style): string {
  const told = notes.flatMap(({ path, note, hint }) => [
    `${plain(path)}  ${plain(note)}`,
    `  hint: ${plain(hint)}`,
  ]);
  const aside = sectionText("Not damaged, but odd", told, style);
  if (clean) {
    const good = style.green("Everything can be read and is as it was written.");
    return aside === "" ? good : `${good}\n\n${aside}`;
  }
  const records = problems.map(({ kind, message }) => `${style.red(kind)}  ${plain(message)}`);
  const damaged = objects.flatMap(({ path, problem, snapshots, runs = [], hint }) => {
    const touched = [namesText("snapshot", snapshots), namesText("run", runs)].filter((part) => part !== "");
    const where = touched.length === 0 ? "" : ` (${touched.join("; ")})`;
    const line = `${style.red(plain(path))}  ${plain(problem)}${where}`;
    return hint === undefined ? [line] : [line, `  hint: ${plain(hint)}`];
  });
  return [sectionText("Records", records, style), sectionText("Snapshots", damaged, style), aside]
    .filter((part) => part !== "")
    .join("\n\n");
}

function namesText(noun: string, ids: readonly string[]): string {
  if (ids.length === 0) return "";
  return `${noun}${ids.length === 1 ? "" : "s"} ${ids.map(shortId).join(" ")}`;
}
