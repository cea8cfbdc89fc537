import { median } from "../bench.ts";
import type { Cell, ResultRow, Results } from "./results.ts";

const OURS = "datmo";

/** One table: a row for a measure, a column for a tool. */
export function table(results: Results, peers: readonly string[]): string {
  const columns = peers.filter((peer) => results.rows.some(({ cells }) => cells[peer]));
  const heads = ["", ...columns, "first"];
  const lines = results.rows.map((row) => {
    const cells = columns.map((peer) => cellText(row, peer));
    return `| ${[`${row.name}${row.unit === "" ? "" : `, ${row.unit}`}`, ...cells, firstOf(row)].join(" | ")} |`;
  });
  return [`| ${heads.join(" | ")} |`, `|${"---|".repeat(heads.length)}`, ...lines].join("\n");
}

/** Why cells are empty, and what must be known of them. */
export function notes(results: Results): string[] {
  const found: string[] = [];
  for (const { name, cells } of results.rows) {
    for (const [peer, { note, failed }] of Object.entries(cells)) {
      if (failed !== undefined) found.push(`${name}: ${peer} failed: ${failed}`);
      else if (note !== undefined) found.push(`${name}: ${peer}: ${note}`);
    }
  }
  return found;
}

function cellText(row: ResultRow, peer: string): string {
  const cell = row.cells[peer];
  if (!cell) return "–";
  if (cell.failed !== undefined) return "failed";
  const value = valueIn(cell);
  if (value === undefined) return "–";
  const ours = valueIn(row.cells[OURS]);
  const mark = cell.note === undefined ? "" : "*";
  if (row.isShare || peer === OURS || ours === undefined) return `${number(value)}${mark}`;
  // How many times worse than ours; below 1 it is better.
  const ratio = row.better === "less" ? value / ours : ours / value;
  return `${number(value)}${mark} (${number(ratio)}×)`;
}

/** Who is first. Marked where we are not. */
function firstOf(row: ResultRow): string {
  const values = Object.entries(row.cells).flatMap(([peer, cell]) => {
    const value = valueIn(cell);
    return value === undefined ? [] : [{ peer, value }];
  });
  if (values.length === 0) return "";
  const sign = row.better === "less" ? 1 : -1;
  const best = Math.min(...values.map(({ value }) => sign * value));
  const first = values.filter(({ value }) => sign * value === best).map(({ peer }) => peer);
  return first.includes(OURS) ? OURS : `**✗ ${first.join(", ")}**`;
}

function valueIn(cell: Cell | undefined): number | undefined {
  return cell && cell.values.length > 0 ? median(cell.values) : undefined;
}

function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(Math.abs(value) >= 100 ? 3 : 2)));
}
