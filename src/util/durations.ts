const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const PART = "(\\d+(?:\\.\\d+)?)\\s*(ms|s|min|m|h|d|w)";
const WHOLE = new RegExp(`^\\s*(?:${PART}\\s*)+$`, "i");

/**
 * Milliseconds of a duration such as `90s`, `2h`, `1h30m`, `1.5d`, `500ms`; units are ms, s, m or min, h, d, w.
 * Null when the text is none: a bare number has no unit, and nothing is negative.
 */
export function parseDuration(text: string): number | null {
  if (text.length > 100 || !WHOLE.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(new RegExp(PART, "gi"))) {
    total += Number(amount) * (UNITS[(unit ?? "").toLowerCase()] ?? 0);
  }
  return Math.round(total);
}
