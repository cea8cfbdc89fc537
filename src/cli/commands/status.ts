import type { ProjectStatusResult, SnapshotRef } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { pathLine } from "../render/diff.ts";
import { fieldsText, sectionText } from "../render/fields.ts";
import { commandText, count, plain, shortId } from "../render/text.ts";
import { timeText } from "../render/times.ts";
import type { Style } from "../style.ts";

/** Changed paths that are listed. */
const MOST_PATHS = 20;

export const status: CommandModule = {
  define() {},
  async run(call) {
    const result = await call.request("project.status", {}, { progress: true });
    await call.answer(result, () => statusText(result, call.style));
    if (call.json) return 0;
    for (const { message } of result.problems)
      await call.note(`${call.noteStyle.yellow("warning:")} ${plain(message)}`);
    return 0;
  },
};

function statusText(result: ProjectStatusResult, style: Style): string {
  const { project, environment, newestUser, newestAutomatic, activeRuns } = result;
  const sections = [
    fieldsText(
      [
        [
          "Project",
          `${style.bold(plain(project.name))}${project.description ? `: ${plain(project.description)}` : ""}`,
        ],
        ["Folder", project.directory],
        ["Environment", environmentText(environment)],
        ["Newest snapshot", newestUser ? refText(newestUser) : "none yet: datmo snapshot create -m MESSAGE"],
        ["Newest automatic", newestAutomatic && refText(newestAutomatic)],
      ],
      style,
    ),
    interruptedText(result, style),
    changesText(result, style),
    sectionText(
      "Changed packages",
      result.environmentChanges.map(({ name, a, b }) => `${plain(name)}  ${a ?? "—"} → ${b ?? "—"}`),
      style,
    ),
    sectionText(
      "Active runs",
      activeRuns.map(
        (run) => `${shortId(run.id)}  ${plain(run.name)}  ${run.status}  ${commandText(run.command)}`,
      ),
      style,
    ),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function environmentText({ kind, name, reason }: ProjectStatusResult["environment"]): string {
  const what = kind === "host" ? "the machine as it is" : plain(kind);
  return kind === "host" && reason === "no environment was chosen"
    ? `${plain(name)}, ${what}`
    : `${plain(name)}, ${what}: ${plain(reason)}`;
}

function changesText({ clean, current, changes, changeCount }: ProjectStatusResult, style: Style): string {
  if (clean)
    return `${style.green("Everything is saved")}${current ? ` in snapshot ${refText(current)}` : ""}.`;
  const lines = changes.slice(0, MOST_PATHS).map((change) => pathLine(change, style));
  if (changeCount > lines.length) lines.push(style.dim(`… and ${changeCount - lines.length} more`));
  const title = `Unsaved: ${count(changeCount, "path")}`;
  const hint = style.dim("Save it: datmo snapshot create -m MESSAGE");
  return changeCount === 0
    ? `Nothing is saved yet.\n${hint}`
    : `${sectionText(title, lines, style)}\n${hint}`;
}

function interruptedText({ interruptedCheckout }: ProjectStatusResult, style: Style): string {
  if (interruptedCheckout === undefined) return "";
  const { targetId, heldId } = interruptedCheckout;
  return [
    style.yellow(`A checkout of ${shortId(targetId)} was interrupted.`),
    `  Finish it:  datmo snapshot checkout ${shortId(targetId)}`,
    `  Go back:    datmo snapshot checkout ${shortId(heldId)}`,
  ].join("\n");
}

function refText({ id, message, label, createdAt }: SnapshotRef): string {
  const text = [label && `[${plain(label)}]`, message && plain(message)].filter(Boolean).join(" ");
  return `${shortId(id)}${text ? ` ${text}` : ""} (${timeText(createdAt)})`;
}
