import type { KeyChange, PackageChange } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import type { Style } from "../style.ts";
import type { DiffView } from "./diff-view.ts";
import { plain, valueText } from "./text.ts";
import { fitted, widthOf } from "./width.ts";

/** A value is never cut to less than this. */
const NARROWEST = 8;

/** `lr  0.1 → 0.5`; with the difference where both are numbers. On a terminal long values are cut. */
export function valueLines(changes: readonly KeyChange[], { style, columns }: DiffView): string[] {
  const keys = changes.map(({ key }) => plain(key));
  const width = Math.max(0, ...keys.map(widthOf));
  // Two spaces in front and two behind the key, three for the arrow between.
  const room = columns === undefined ? Number.POSITIVE_INFINITY : Math.floor((columns - width - 7) / 2);
  const shown = (value: Json | undefined): string => fitted(valueText(value), Math.max(NARROWEST, room));
  return changes.map(({ a, b }, at) => {
    const key = keys[at] ?? "";
    const space = " ".repeat(width - widthOf(key));
    return `${key}${space}  ${style.red(shown(a))} → ${style.green(shown(b))}${difference(a, b, style)}`;
  });
}

export function packageChange({ name, a, b }: PackageChange): KeyChange {
  return { key: name, ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

function difference(a: Json | undefined, b: Json | undefined, style: Style): string {
  if (typeof a !== "number" || typeof b !== "number") return "";
  const text = valueText(b - a);
  return style.dim(`  (${b > a ? "+" : ""}${text})`);
}
