import type { GraphGetResult, GraphRun, GraphSnapshot } from "../../protocol/types.ts";
import { commandText, pairsText, plain, shortId } from "./text.ts";
import { timeText } from "./times.ts";

const COLORS: Readonly<Record<string, string>> = { succeeded: "#2e7d32", failed: "#c62828", lost: "#c62828" };
const OTHER = "#b26a00";

/** The graph in graphviz's language. Everything that somebody wrote stands in quotes. */
export function graphDot({ snapshots, runs }: GraphGetResult): string {
  return `${[
    "digraph datmo {",
    "  rankdir=BT;",
    '  node [shape=box, fontname="sans-serif", fontsize=10];',
    '  edge [fontname="sans-serif", fontsize=9];',
    ...snapshots.map(nodeLine),
    ...runs.flatMap(edgeLines),
    "}",
  ].join("\n")}\n`;
}

function nodeLine({ id, label, message, createdAt, metrics, visible }: GraphSnapshot): string {
  const lines = [
    shortId(id) + (label === undefined ? "" : ` (${label})`),
    message,
    timeText(createdAt),
    pairsText(metrics),
  ];
  return `  ${quoted(id)} [label=${labelText(lines)}, style=${quoted(visible ? "bold" : "dashed")}];`;
}

/** A run without a listed state at one of its ends gets a node of its own there. */
function edgeLines({ id, name, status, command, from, to }: GraphRun): string[] {
  const color = COLORS[status] ?? OTHER;
  const label = labelText([name, status, commandText(command)]);
  const loose = from !== undefined && to !== undefined ? undefined : `run ${id}`;
  const node =
    loose === undefined
      ? []
      : [`  ${quoted(loose)} [label=${labelText([status])}, shape="ellipse", color=${quoted(color)}];`];
  const ends = `${quoted(from ?? loose ?? id)} -> ${quoted(to ?? loose ?? id)}`;
  return [...node, `  ${ends} [label=${label}, color=${quoted(color)}, tooltip=${quoted(id)}];`];
}

/** Lines of a label, the empty ones left out. */
function labelText(lines: readonly string[]): string {
  const shown = lines.filter((line) => line !== "").map((line) => escaped(plain(line)));
  return `"${shown.join("\\n")}"`;
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** A backslash would begin one of graphviz's own escapes. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}
