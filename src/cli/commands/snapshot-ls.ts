import type { Snapshot } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import type { ColumnSet } from "../list/column.ts";
import { fetchPages } from "../list/fetch-pages.ts";
import { nestedColumns } from "../list/nested-columns.ts";
import { showList } from "../list/show-list.ts";
import { defineListOptions, type ListOptions } from "../options/list-options.ts";
import { bytesText, count, pairsText, shortId } from "../render/text.ts";
import { shortTimeText, timeText } from "../render/times.ts";

interface Options extends ListOptions {
  readonly details?: boolean;
  readonly text?: string;
}

const SHOWN = ["id", "current", "created", "label", "message", "config", "metrics"];
const DETAILS = ["files", "code", "codeId", "environmentId", "runId"];

export const snapshotLs: CommandModule = {
  define(command) {
    command
      .option("--details", "its files, the size of its code, ids of code, environment and run, as well")
      .option("--text <text>", "only those whose message or label contains it");
    defineListOptions(command, "those that runs made as well, however many there are");
  },
  async run(call) {
    const options = call.options<Options>();
    const interrupt = abortOnSignal(call.host);
    try {
      const page = await fetchPages<Snapshot>(options, (position) =>
        call.request(
          "snapshot.list",
          {
            ...position,
            markCurrent: true,
            ...(options.all ? { all: true } : {}),
            ...(options.text === undefined ? {} : { text: options.text }),
          },
          { signal: interrupt.signal },
        ),
      );
      await showList(call, options, {
        page,
        columns: snapshotColumns(call.stdout.isTerminal, options.details === true),
        empty:
          options.text === undefined
            ? "No snapshots yet. Take one: datmo snapshot create -m MESSAGE"
            : "No snapshot fits.",
        noun: "snapshot",
        paint: (cell, snapshot, key) =>
          snapshot.current && (key === "id" || key === "current") ? call.style.green(cell) : cell,
      });
    } finally {
      interrupt.end();
    }
    return 0;
  },
};

function snapshotColumns(isTerminal: boolean, details: boolean): ColumnSet<Snapshot> {
  return {
    known: [
      { key: "id", title: "ID", rigid: true, value: (it) => it.id, text: (it) => shortId(it.id) },
      {
        key: "current",
        title: "",
        rigid: true,
        value: (it) => it.current,
        text: (it) => (it.current ? "(current)" : ""),
      },
      {
        key: "created",
        title: "CREATED",
        rigid: true,
        value: (it) => it.createdAt,
        text: ({ createdAt }, now) => (isTerminal ? shortTimeText(createdAt, now) : timeText(createdAt)),
      },
      { key: "label", title: "LABEL", value: (it) => it.label },
      { key: "message", title: "MESSAGE", value: (it) => it.message },
      { key: "config", title: "CONFIG", value: (it) => it.config, text: (it) => pairsText(it.config) },
      { key: "metrics", title: "METRICS", value: (it) => it.metrics, text: (it) => pairsText(it.metrics) },
      { key: "visible", title: "VISIBLE", value: (it) => it.visible },
      {
        key: "runId",
        title: "RUN",
        rigid: true,
        value: (it) => it.runId,
        text: (it) => shortId(it.runId ?? ""),
      },
      {
        key: "codeId",
        title: "CODE",
        rigid: true,
        value: (it) => it.codeId,
        text: (it) => shortId(it.codeId),
      },
      {
        key: "environmentId",
        title: "ENVIRONMENT",
        rigid: true,
        value: (it) => it.environmentId,
        text: (it) => shortId(it.environmentId),
      },
      { key: "code", title: "CODE SIZE", value: (it) => it.codeBytes, text: codeText },
      { key: "files", title: "FILES", value: (it) => it.files.map(({ path }) => path), text: filesText },
    ],
    shown: details ? [...SHOWN, ...DETAILS] : SHOWN,
    ...nestedColumns<Snapshot>(),
  };
}

function codeText({ codeFiles, codeBytes }: Snapshot): string {
  if (codeFiles === undefined || codeBytes === undefined) return "";
  return `${count(codeFiles, "file")}, ${bytesText(codeBytes)}`;
}

function filesText({ files }: Snapshot): string {
  if (files.length === 0) return "";
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${count(files.length, "file")}, ${bytesText(bytes)}`;
}
