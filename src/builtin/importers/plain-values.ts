/*
 * Tools that keep everything as text wrote numbers as Python prints them. Only what printing the number again would
 * give is taken for one: a version `1.10` or a code `007` stays the text that it is.
 */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.(?:0|\d*[1-9]))?(?:e[+-]?\d+)?$/i;

export function plainNumber(text: string): number | undefined {
  if (text.length > 25 || !NUMBER.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(value) ? undefined : value;
}

/** A float as Python prints it; undefined when it is none. */
export function pythonFloat(text: string): number | undefined {
  const value = Number(text);
  if (text !== "" && !Number.isNaN(value)) return value;
  switch (text.toLowerCase()) {
    case "nan":
    case "-nan":
      return Number.NaN;
    case "inf":
    case "infinity":
      return Number.POSITIVE_INFINITY;
    case "-inf":
    case "-infinity":
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}
