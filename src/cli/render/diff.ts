import type { PathChange, StateDiff } from "../../protocol/types.ts";
import { statLines } from "./diff-stat.ts";
import type { DiffView } from "./diff-view.ts";
import { sectionText } from "./fields.ts";
import { quotedHunks } from "./hunks.ts";
import { notebookLines } from "./notebook-diff.ts";
import { patchLines } from "./patch.ts";
import { pathLine, pathNote } from "./path-note.ts";
import { packageChange, valueLines } from "./value-changes.ts";

/** What differs, one section for each component, the code last; empty when nothing does. */
export function diffText(diff: StateDiff, view: DiffView): string {
  const { style } = view;
  const values = view.onlyFiles
    ? []
    : [
        sectionText("Config", valueLines(diff.config, view), style),
        sectionText("Metrics", valueLines(diff.metrics, view), style),
        sectionText("Environment", valueLines(diff.environment, view), style),
        sectionText("Packages", valueLines(diff.packages.map(packageChange), view), style),
        sectionText("Environment files", pathLines(diff.environmentFiles, view), style),
      ];
  const sections = [
    ...values,
    sectionText("Files", pathLines(diff.files, view), style),
    codeText(diff, view),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/** The code is a patch, which is no patch any more when it is indented. */
function codeText({ code }: StateDiff, view: DiffView): string {
  const { style } = view;
  if (view.form !== "lines") return sectionText("Code", pathLines(code, view), style);
  return code.length === 0 ? "" : [style.bold("Code"), ...patchLines(code, view)].join("\n");
}

/** Files that are not the project's own: nothing of them must look like a patch of it. */
function pathLines(changes: readonly PathChange[], view: DiffView): string[] {
  if (view.form === "stat") return statLines(changes, view);
  if (view.form === "names") return changes.map((change) => pathLine(change, view.style));
  return changes.flatMap((change) => [
    pathNote(change, view.style),
    ...quotedHunks(change.content?.hunks ?? [], view),
    ...notebookLines(change.content, view),
  ]);
}
