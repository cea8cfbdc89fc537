import type { PathChange, ProjectStatusResult, SnapshotRef } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { naturalOption } from "../options/values.ts";
import { fieldsText, sectionText } from "../render/fields.ts";
import { pathLine } from "../render/path-note.ts";
import { pointerLines, skippedLine } from "../render/pointers.ts";
import { commandText, count, plain, shortId } from "../render/text.ts";
import { timeText } from "../render/times.ts";
import type { Style } from "../style.ts";

interface Options {
  readonly limit?: number;
  readonly verify?: boolean;
}

/** Changed paths that are listed when nothing else is asked for. */
const MOST_PATHS = 20;

export const status: CommandModule = {
  define(command) {
    command
      .option(
        "--limit <n>",
        `at most this many paths of each kind (${MOST_PATHS} when not given)`,
        naturalOption,
      )
      .option("--verify", "read the files that pointers in the config name, however big they are");
  },
  async run(call) {
    const { limit, verify } = call.options<Options>();
    const interrupt = abortOnSignal(call.host);
    try {
      const params = { ...(limit === undefined ? {} : { limit }), ...(verify ? { verify } : {}) };
      const result = await call.request("project.status", params, {
        signal: interrupt.signal,
        progress: true,
      });
      await call.answer(result, () => statusText(result, limit ?? MOST_PATHS, call.style));
      if (call.json) return 0;
      for (const { message } of result.problems)
        await call.note(`${call.noteStyle.yellow("warning:")} ${plain(message)}`);
    } finally {
      interrupt.end();
    }
    return 0;
  },
};

function statusText(result: ProjectStatusResult, most: number, style: Style): string {
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
    changesText(result, most, style),
    listText(
      "Changed in the environment's definition",
      result.definitionChanges.map(pathOf(style)),
      most,
      style,
    ),
    sectionText(
      "Changed packages",
      result.environmentChanges.map(({ name, a, b }) => `${plain(name)}  ${a ?? "—"} → ${b ?? "—"}`),
      style,
    ),
    sectionText("Pointers", pointerLines(result.pointers, style), style),
    listText("Changed while they were looked at", result.unstable.map(plain), most, style),
    listText("Cannot be taken", result.skipped.map(skippedLine), most, style),
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

function changesText(result: ProjectStatusResult, most: number, style: Style): string {
  const { clean, current, changes, changeCount, keptChanges } = result;
  const gone = keptChanges.filter(({ status }) => status === "removed").map(pathOf(style));
  const missing = listText("Kept files that are not there any more", gone, most, style);
  if (clean) {
    const saved = `${style.green("Everything is saved")}${current ? ` in snapshot ${refText(current)}` : ""}.`;
    return missing === "" ? saved : `${saved}\n\n${missing}`;
  }
  const kept = keptChanges.filter(({ status }) => status !== "removed");
  const hints = [
    style.dim(`Save it: datmo snapshot create -m MESSAGE${kept.length > 0 ? " --path PATH" : ""}`),
  ];
  const code = changes.slice(0, most).map(pathOf(style));
  if (changeCount > code.length) code.push(style.dim(`… and ${changeCount - code.length} more`));
  const parts = [
    sectionText(`Unsaved: ${count(changeCount, "path")}`, code, style),
    listText(`Unsaved kept files: ${kept.length}`, kept.map(pathOf(style)), most, style),
  ].filter((part) => part !== "");
  if (parts.length === 0) {
    const nothing = result.newestUser === undefined && result.newestAutomatic === undefined;
    parts.push(nothing ? "Nothing is saved yet." : "What is unsaved could not be found out.");
  }
  return [`${[...parts, ...hints].join("\n")}`, missing].filter((part) => part !== "").join("\n\n");
}

/** A section of at most so many lines. */
function listText(title: string, lines: readonly string[], most: number, style: Style): string {
  const shown = lines.slice(0, most);
  if (lines.length > shown.length) shown.push(style.dim(`… and ${lines.length - shown.length} more`));
  return sectionText(title, shown, style);
}

function pathOf(style: Style): (change: PathChange) => string {
  return (change) => pathLine(change, style);
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
