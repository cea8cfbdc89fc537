import type { Run } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import { commandText, pairsText, shortId } from "../render/text.ts";
import { durationText, shortTimeText, timeText } from "../render/times.ts";
import type { Style } from "../style.ts";
import type { Column, ColumnSet } from "./column.ts";
import { nestedColumns } from "./nested-columns.ts";

/** What `run ls` can show. */
export function runColumns(isTerminal: boolean): ColumnSet<Run> {
  const time = (at: string | undefined, now: Date): string =>
    at === undefined ? "" : isTerminal ? shortTimeText(at, now) : timeText(at);
  return {
    known: [
      id("id", "ID", (run) => run.id),
      text("name", (run) => run.name),
      { key: "command", title: "COMMAND", value: (run) => commandText(run.command) },
      { ...text("type", (run) => run.type), usual: "script" },
      { ...text("status", (run) => run.status), rigid: true },
      { key: "exitCode", title: "EXIT", align: "right", value: (run) => run.exitCode },
      { key: "config", title: "CONFIG", value: (run) => run.config, text: (run) => pairsText(run.config) },
      {
        key: "metrics",
        title: "METRICS",
        value: (run) => run.metrics,
        text: (run) => pairsText(run.metrics),
      },
      { key: "tags", title: "TAGS", value: (run) => run.tags, text: (run) => run.tags.join(" ") },
      text("group", (run) => run.group),
      text("note", (run) => run.note),
      at("created", (run) => run.createdAt),
      at("started", (run) => run.startedAt),
      at("ended", (run) => run.endedAt),
      {
        key: "durationMs",
        title: "DURATION",
        align: "right",
        rigid: true,
        value: (run) => run.durationMs,
        text: (run) => (run.durationMs === undefined ? "" : durationText(run.durationMs)),
      },
      text("directory", (run) => run.directory),
      text("driver", (run) => run.driver),
      text("origin", (run) => run.origin),
      { ...text("from", (run) => run.from), rare: true },
      id("taskId", "TASK", (run) => run.taskId),
      id("environmentId", "ENVIRONMENT", (run) => run.environmentId),
      id("beforeSnapshotId", "BEFORE", (run) => run.beforeSnapshotId),
      id("afterSnapshotId", "AFTER", (run) => run.afterSnapshotId),
      id("rerunOf", "RERUN OF", (run) => run.rerunOf),
      id("sweepId", "SWEEP", (run) => run.sweepId),
      { key: "error", title: "ERROR", value: (run) => run.error?.message },
    ],
    shown: ["id", "name", "command", "type", "status", "config", "metrics", "created", "durationMs", "from"],
    ...nestedColumns<Run>(),
  };

  function at(key: string, of: (run: Run) => string | undefined): Column<Run> {
    return { key, title: key.toUpperCase(), rigid: true, value: of, text: (run, now) => time(of(run), now) };
  }
}

/** Runs that went wrong and those that go on catch the eye. */
export function paintStatus(style: Style, status: Run["status"], text: string): string {
  if (status === "succeeded") return style.green(text);
  if (status === "failed" || status === "lost") return style.red(text);
  return style.yellow(text);
}

function id(key: string, title: string, of: (run: Run) => string | undefined): Column<Run> {
  return { key, title, rigid: true, value: of, text: (run) => shortId(of(run) ?? "") };
}

function text(key: string, of: (run: Run) => Json | undefined): Column<Run> {
  return { key, title: key.toUpperCase(), value: of };
}
