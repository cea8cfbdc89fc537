import type { GraphGetResult, GraphRun, GraphSnapshot } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { paintStatus } from "../list/run-columns.ts";
import { countOption } from "../options/values.ts";
import { graphDot } from "../render/graph-dot.ts";
import { drawGraph, inOrder } from "../render/graph-lanes.ts";
import { commandText, pairsText, plain, shortId } from "../render/text.ts";
import { shortTimeText, timeText } from "../render/times.ts";
import { fitted } from "../render/width.ts";

interface Options {
  readonly dot?: boolean;
  readonly limit?: number;
}

export const graph: CommandModule = {
  define(command) {
    command
      .option("--dot", "in graphviz's language: datmo graph --dot | dot -Tsvg -o graph.svg")
      .option(
        "--limit <n>",
        "at most this many snapshots and runs, the newest (100 when not given)",
        countOption,
      );
  },
  async run(call) {
    const { dot, limit } = call.options<Options>();
    const result = await call.request("graph.get", limit === undefined ? {} : { limit });
    await call.answer(result, () => (dot ? graphDot(result) : graphText(call, result)));
    if (result.more && !call.json && !dot) await call.note("There are older ones; --limit shows more.");
    if (result.snapshots.length === 0 && !call.json && !dot) await call.note("No snapshots yet.");
    return 0;
  },
};

/** Snapshots as `*`, the runs between them as `o`. */
function graphText(call: Call, { snapshots, runs }: GraphGetResult): string {
  const made = new Map<string, string[]>();
  for (const { id, from, to } of runs) {
    // One that left the state as it was leads nowhere.
    if (to !== undefined && to !== from) made.set(to, [...(made.get(to) ?? []), id]);
  }
  const told = new Map<string, string>();
  const vertices = inOrder([
    ...snapshots.map((snapshot) => {
      told.set(snapshot.id, snapshotText(call, snapshot));
      return { id: snapshot.id, mark: "*", at: snapshot.createdAt, parents: made.get(snapshot.id) ?? [] };
    }),
    ...runs.map((run) => {
      told.set(run.id, runText(call, run));
      return { id: run.id, mark: "o", at: run.createdAt, parents: run.from === undefined ? [] : [run.from] };
    }),
  ]);
  return drawGraph(vertices)
    .map(({ drawing, id }) => fitLine(call, drawing, id === undefined ? "" : (told.get(id) ?? "")))
    .join("\n");
}

function fitLine(call: Call, drawing: string, text: string): string {
  const line = text === "" ? drawing : `${drawing} ${text}`;
  // Colours are no part of the width: where there are any, the terminal wraps.
  return call.stdout.columns === undefined || line.includes("\u001b")
    ? line
    : fitted(line, call.stdout.columns);
}

function snapshotText(
  call: Call,
  { id, label, message, createdAt, metrics, visible }: GraphSnapshot,
): string {
  const { style } = call;
  const name = label === undefined ? "" : ` ${style.cyan(`(${plain(label)})`)}`;
  const time = call.stdout.isTerminal ? shortTimeText(createdAt, new Date()) : timeText(createdAt);
  const said = plain(message);
  const text = `${style.bold(shortId(id))}${name} ${visible ? said : style.dim(said)} ${style.dim(time)} ${pairsText(metrics)}`;
  return text.trimEnd();
}

function runText({ style }: Call, { id, name, status, command, from, to }: GraphRun): string {
  const unchanged = to !== undefined && to === from ? " (left the state as it was)" : "";
  return `run ${style.bold(shortId(id))} ${plain(name)} ${paintStatus(style, status, status)}${unchanged}: ${commandText(command)}`;
}
