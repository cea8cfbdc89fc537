import type { KeyChange, PackageChange, PathChange, StateDiff } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import type { Style } from "../style.ts";
import { sectionText } from "./fields.ts";
import { plain, valueText } from "./text.ts";
import { widthOf } from "./width.ts";

export interface DiffView {
  readonly style: Style;
  /** Only numbers of files, not their names. */
  readonly stat?: boolean;
  /** Only files at or below these paths. */
  readonly paths?: readonly string[];
}

/** What differs, one section for each component; empty when nothing does. */
export function diffText(diff: StateDiff, view: DiffView): string {
  const { style } = view;
  const sections =
    view.paths !== undefined && view.paths.length > 0
      ? fileSections(diff, view)
      : [
          sectionText("Config", valueLines(diff.config, style), style),
          sectionText("Metrics", valueLines(diff.metrics, style), style),
          sectionText("Environment", valueLines(diff.environment, style), style),
          sectionText("Packages", valueLines(diff.packages.map(packageChange), style), style),
          ...fileSections(diff, view),
        ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/** One line for a path and what happened to it, as git marks it. */
export function pathLine({ path, status }: PathChange, style: Style): string {
  const [letter, paint] = {
    added: ["A", style.green],
    removed: ["D", style.red],
    modified: ["M", style.yellow],
    typeChanged: ["T", style.yellow],
    modeChanged: ["X", style.yellow],
  }[status] as [string, Style["green"]];
  return paint(`${letter} ${plain(path)}`);
}

function fileSections(diff: StateDiff, view: DiffView): string[] {
  return [fileSection("Code", diff.code, view), fileSection("Files", diff.files, view)];
}

function fileSection(
  title: string,
  changes: readonly PathChange[],
  { style, stat, paths }: DiffView,
): string {
  const wanted = changes.filter(({ path }) => isWanted(path, paths));
  if (!stat)
    return sectionText(
      title,
      wanted.map((change) => pathLine(change, style)),
      style,
    );
  const numbers = new Map<string, number>();
  for (const { status } of wanted) numbers.set(status, (numbers.get(status) ?? 0) + 1);
  return sectionText(
    title,
    [...numbers].map(([status, number]) => `${number} ${STAT_WORDS[status] ?? status}`),
    style,
  );
}

const STAT_WORDS: Readonly<Record<string, string>> = {
  typeChanged: "of another type",
  modeChanged: "with another mode",
};

function isWanted(path: string, paths: readonly string[] | undefined): boolean {
  if (paths === undefined || paths.length === 0) return true;
  return paths
    .map((wanted) => wanted.replace(/^\.\/|\/+$/g, ""))
    .some((wanted) => path === wanted || path.startsWith(`${wanted}/`));
}

function packageChange({ name, a, b }: PackageChange): KeyChange {
  return { key: name, ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

/** `lr  0.1 → 0.5`; with the difference where both are numbers. */
function valueLines(changes: readonly KeyChange[], style: Style): string[] {
  const keys = changes.map(({ key }) => plain(key));
  const width = Math.max(0, ...keys.map(widthOf));
  return changes.map(({ a, b }, at) => {
    const key = keys[at] ?? "";
    const space = " ".repeat(width - widthOf(key));
    return `${key}${space}  ${style.red(valueText(a))} → ${style.green(valueText(b))}${difference(a, b, style)}`;
  });
}

function difference(a: Json | undefined, b: Json | undefined, style: Style): string {
  if (typeof a !== "number" || typeof b !== "number") return "";
  const text = valueText(b - a);
  return style.dim(`  (${b > a ? "+" : ""}${text})`);
}
