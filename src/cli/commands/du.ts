import type { StoreUsageResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { tableText } from "../render/table.ts";
import { bytesText, plain, shortId } from "../render/text.ts";
import type { Style } from "../style.ts";

interface Options {
  readonly all?: boolean;
}

/** Rows of a table when not everything was asked for. */
const SHOWN = 10;

export const du: CommandModule = {
  define(command) {
    command.option("--all", "every run and snapshot, not only the largest");
  },
  async run(call) {
    const { all } = call.options<Options>();
    const interrupt = abortOnSignal(call.host);
    try {
      const result = await call.request("store.usage", {}, { signal: interrupt.signal, progress: true });
      await call.answer(result, () => reportText(result, all === true, call.style));
      return 0;
    } finally {
      interrupt.end();
    }
  },
};

function reportText(usage: StoreUsageResult, all: boolean, style: Style): string {
  const parts = tableText(
    [{ title: "part of .datmo" }, { title: "bytes", align: "right" }],
    [...usage.parts.map(({ name, bytes }) => [name, bytesText(bytes)]), ["together", bytesText(usage.bytes)]],
    { style },
  );
  return [parts, runsText(usage.runs, all, style), snapshotsText(usage.snapshots, all, style)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function runsText(runs: StoreUsageResult["runs"], all: boolean, style: Style): string {
  const shown = all ? runs : runs.filter(({ bytes }) => bytes > 0).slice(0, SHOWN);
  if (shown.length === 0) return "";
  const rows = shown.map((run) => [
    shortId(run.id),
    bytesText(run.bytes),
    bytesText(run.taskBytes),
    bytesText(run.seriesBytes),
    run.deleted ? `${plain(run.name)} (deleted)` : plain(run.name),
  ]);
  const titles = ["run", "bytes", "folder", "metrics", "name"];
  return tableText(columnsOf(titles), rows, { style }) + moreText(runs.length - shown.length, "runs");
}

function snapshotsText(snapshots: StoreUsageResult["snapshots"], all: boolean, style: Style): string {
  const shown = all ? snapshots : snapshots.slice(0, SHOWN);
  if (shown.length === 0) return "";
  const rows = shown.map((snapshot) => [
    shortId(snapshot.id),
    bytesText(snapshot.ownBytes),
    bytesText(snapshot.bytes),
    [snapshot.label === undefined ? "" : `[${plain(snapshot.label)}]`, plain(snapshot.message)]
      .join(" ")
      .trim(),
  ]);
  const titles = ["snapshot", "alone", "full size", "message"];
  const more = moreText(snapshots.length - shown.length, "snapshots");
  return `${tableText(columnsOf(titles), rows, { style })}${more}\n${style.dim("alone: what deleting it, and gc, would free")}`;
}

function columnsOf(titles: readonly string[]): { title: string; align?: "right"; rigid?: boolean }[] {
  return titles.map((title, at) => {
    if (at === 0) return { title, rigid: true };
    return at === titles.length - 1 ? { title } : { title, align: "right" };
  });
}

function moreText(rest: number, what: string): string {
  return rest > 0 ? `\n… and ${rest} smaller ${what}: --all shows them` : "";
}
