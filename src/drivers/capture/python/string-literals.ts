const NEWLINE = 10;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

export function isQuote(code: number): boolean {
  return code === DOUBLE_QUOTE || code === SINGLE_QUOTE;
}

/** Python itself allows fields in fields no deeper than this; deeper ones are read as text. */
const DEEPEST = 150;

/** True for the letters that may stand before a string's quote (`rb`, `f`, …). */
export function isStringPrefix(word: string): boolean {
  return word.length <= 2 && /^(?:[bruft]|[bft]r|r[bft])$/i.test(word);
}

/**
 * The index behind the string literal whose opening quote is at `at`. Strings in one pair of quotes end at
 * the end of the line at the latest, so that a broken one spoils no more than its own line.
 * @param level How many fields of other strings it stands in.
 * @param prefix The letters before the quote: an `f` or `t` makes `{…}` code, with strings of its own.
 */
export function skipString(source: string, at: number, prefix: string, level = 0): number {
  const quote = source.charCodeAt(at);
  const triple = source.charCodeAt(at + 1) === quote && source.charCodeAt(at + 2) === quote;
  const hasFields = level < DEEPEST && /[ft]/i.test(prefix);
  let i = at + (triple ? 3 : 1);
  while (i < source.length) {
    const code = source.charCodeAt(i);
    if (code === BACKSLASH) i += escapeLength(source, i, hasFields);
    else if (code === quote) {
      if (!triple) return i + 1;
      if (source.charCodeAt(i + 1) === quote && source.charCodeAt(i + 2) === quote) return i + 3;
      i++;
    } else if (code === NEWLINE && !triple) return i;
    else if (hasFields && code === OPEN_BRACE) {
      i = source.charCodeAt(i + 1) === OPEN_BRACE ? i + 2 : skipField(source, i + 1, triple, level + 1);
    } else i++;
  }
  return source.length;
}

/** Behind the `}` of a replacement field whose inside begins at `at`. */
function skipField(source: string, at: number, triple: boolean, level: number): number {
  let depth = 0;
  let word = "";
  let i = at;
  while (i < source.length) {
    const code = source.charCodeAt(i);
    if (isQuote(code)) {
      i = skipString(source, i, isStringPrefix(word) ? word : "", level);
      word = "";
      continue;
    }
    const char = source[i] as string;
    word = /\w/.test(char) ? word + char : "";
    if (depth === 0 && code === CLOSE_BRACE) return i + 1;
    if (depth === 0 && char === ":") return skipFormat(source, i + 1, triple, level);
    if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth--;
    else if (char === "#") i = lineEnd(source, i) - 1;
    i += code === BACKSLASH ? 2 : 1;
  }
  return source.length;
}

/** Behind the `}` of a format (`:>10`, `:{width}`); quotes have no meaning in it. */
function skipFormat(source: string, at: number, triple: boolean, level: number): number {
  let i = at;
  while (i < source.length) {
    const code = source.charCodeAt(i);
    if (code === CLOSE_BRACE) return i + 1;
    if (code === NEWLINE && !triple) return i;
    const isField = code === OPEN_BRACE && level < DEEPEST;
    i = isField ? skipField(source, i + 1, triple, level + 1) : i + 1;
  }
  return source.length;
}

/** The index of the newline that ends the line of `at`, or the length. */
export function lineEnd(source: string, at: number): number {
  const end = source.indexOf("\n", at);
  return end === -1 ? source.length : end;
}

/** A brace cannot be escaped: behind a backslash it still begins a field. */
function escapeLength(source: string, at: number, hasFields: boolean): number {
  const next = source.charCodeAt(at + 1);
  return hasFields && next === OPEN_BRACE ? 1 : 2;
}
