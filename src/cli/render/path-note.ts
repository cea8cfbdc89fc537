import type { ContentChange, PathChange, PathSide } from "../../protocol/types.ts";
import type { Style } from "../style.ts";
import { bytesText, count, plain } from "./text.ts";

/** One line for a path, what happened to it, as git marks it, and what is known of its content without its lines. */
export function pathNote(change: PathChange, style: Style): string {
  const note = contentNote(change);
  return `${pathLine(change, style)}${note === "" ? "" : style.dim(`  (${note})`)}`;
}

/** One line for a path and what happened to it. */
export function pathLine({ path, from, status }: PathChange, style: Style): string {
  const [letter, paint] = {
    added: ["A", style.green],
    removed: ["D", style.red],
    modified: ["M", style.yellow],
    renamed: ["R", style.yellow],
    typeChanged: ["T", style.yellow],
    modeChanged: ["X", style.yellow],
  }[status] as [string, Style["green"]];
  return paint(`${letter} ${from === undefined ? "" : `${plain(from)} → `}${plain(path)}`);
}

/** `binary, 5 B → 7 B`; empty when there is nothing to say. */
export function contentNote({ a, b, content }: PathChange): string {
  if (!content) return "";
  const said = [WORDS[content.kind] ?? "", lineNumbers(content), sizesOf(content, a, b), modesOf(a, b)];
  return said.filter((part) => part !== "").join(", ");
}

const WORDS: Readonly<Record<string, string>> = {
  notebook: "notebook, by cells",
  binary: "binary",
  notUtf8: "not UTF-8",
  big: "big file",
  tooLarge: "too large to compare by lines",
  tooLong: "more differs than is shown",
  omitted: "not shown: too much differs, ask for this path alone",
};

function lineNumbers({ kind, added, removed, cells }: ContentChange): string {
  if (cells?.length === 0) return "only outputs, execution counts or metadata differ";
  if (kind !== "tooLong" || added === undefined || removed === undefined) return "";
  return `${count(added, "line")} added, ${removed} removed`;
}

function sizesOf({ kind }: ContentChange, a: PathSide | undefined, b: PathSide | undefined): string {
  if (!["binary", "notUtf8", "big", "tooLarge"].includes(kind)) return "";
  const exact = a && b && a.bytes !== b.bytes && bytesText(a.bytes) === bytesText(b.bytes);
  const sizeOf = ({ bytes, sha256 }: PathSide): string =>
    `${exact ? `${bytes} B` : bytesText(bytes)}${sha256 === undefined ? "" : ` ${sha256.slice(0, 8)}`}`;
  return [a, b]
    .filter((side) => side !== undefined)
    .map(sizeOf)
    .join(" → ");
}

function modesOf(a: PathSide | undefined, b: PathSide | undefined): string {
  return a && b && a.mode !== b.mode ? `${a.mode} → ${b.mode}` : "";
}
