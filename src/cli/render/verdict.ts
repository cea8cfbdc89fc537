import type { Difference, RunVerifyResult } from "../../protocol/types.ts";
import type { Style } from "../style.ts";
import { tableText } from "./table.ts";
import { count, plain, valueText } from "./text.ts";

/** Whether a repetition gave the same, what differs first and why, and all that differs. */
export function verdictText(
  result: RunVerifyResult,
  { style, width }: { readonly style: Style; readonly width?: number | undefined },
): string {
  const { same, first, cause, differences, comparedMetrics, comparedFiles } = result;
  const compared = `${count(comparedMetrics, "metric")} and ${count(comparedFiles, "file")} compared`;
  const why = cause ? `; likely because of ${nameOf(cause)}` : "";
  const what = first ? `; first: ${nameOf(first)}${why}` : "";
  const verdict = same
    ? style.green(`Same: ${compared}, no difference.`)
    : style.red(`Different (${compared})${what}.`);
  if (differences.length === 0) return verdict;
  const rows = differences.map((it) => [it.role, it.kind, plain(it.name), sideText(it.a), sideText(it.b)]);
  const columns = [
    { title: "", rigid: true },
    { title: "WHAT", rigid: true },
    { title: "NAME" },
    { title: "ORIGINAL" },
    { title: "RERUN" },
  ];
  return `${verdict}\n${tableText(columns, rows, { width, style })}`;
}

function nameOf({ kind, name, step }: Difference): string {
  const what = kind === name ? kind : `${kind} ${plain(name)}`;
  return `${what}${step === undefined ? "" : ` from step ${step} on`}`;
}

/** Of a content its size and the beginning of its hash. */
function sideText(side: Difference["a"]): string {
  if (typeof side !== "object" || side === null || !("bytes" in side)) return valueText(side);
  const { bytes, files, sha256 } = side as { bytes: number; files?: number; sha256?: string };
  const size = `${files === undefined ? "" : `${count(files, "file")}, `}${count(bytes, "byte")}`;
  return sha256 === undefined ? size : `${size}, ${plain(sha256.slice(0, 12))}`;
}
