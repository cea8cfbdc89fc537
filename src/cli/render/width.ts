import stringWidth from "string-width";

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  // Most cells are ASCII, for which counting graphemes is a waste.
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

/** The text cut to a width, the last column an ellipsis when something is missing. */
export function fitted(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let shown = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const more = widthOf(segment);
    if (used + more > width - 1) break;
    shown += segment;
    used += more;
  }
  return `${shown}…`;
}
