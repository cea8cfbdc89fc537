/** What was written in place of a value. */
export interface ValueToken {
  readonly text: string;
  readonly quoted: boolean;
  /** Where it begins in the filter. */
  readonly at: number;
}

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~";

/** Says that the text is wrong at a place (an index into it); the parser makes it an error. */
export class FilterProblem extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

/** Reads a filter piece by piece. Keys and values have different alphabets, so the parser says what it expects. */
export interface Scanner {
  /** Where the next piece begins. */
  position(): number;
  atEnd(): boolean;
  /** Takes a word (`and`, `or`, `not`, `in`; any case) when it is next. */
  takeWord(word: string): boolean;
  /** Takes a character when it is next. */
  takeCharacter(character: string): boolean;
  /** Parts of a key; throws when there is none. */
  key(): string[];
  operator(): Operator;
  value(): ValueToken;
  /** For messages: what is next, in quotes, or `the end`. */
  describe(): string;
}

const KEY_PART = /[\p{L}\p{N}_][\p{L}\p{N}_/@-]*/uy;
const OPERATOR = /==|!=|<=|>=|=|<|>|~/y;
const BARE_VALUE = /[^\s()'"`,=<>!~]+/y;
const WORD = /[A-Za-z]+(?![\p{L}\p{N}_/@.-])/uy;
const SPACES = /\s*/y;
const KEYWORDS = new Set(["and", "or", "not", "in"]);
/** What people of other languages write. */
const FOREIGN: Readonly<Record<string, string>> = {
  "&&": `write "and"`,
  "||": `write "or"`,
  "<>": `write "!="`,
  "=>": `write ">="`,
  "=<": `write "<="`,
  "!~": `write "not KEY ~ VALUE"`,
};

export function scanFilter(text: string): Scanner {
  let at = 0;

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  }

  function skip(): void {
    at += match(SPACES)?.length ?? 0;
  }

  function take(length: number): void {
    at += length;
    skip();
  }

  function describe(): string {
    if (at >= text.length) return "the end";
    return `"${match(BARE_VALUE) ?? text[at]}"`;
  }

  function keyPart(isFirst: boolean): string {
    if (text[at] === "`") {
      const quoted = quotedText("`");
      if (quoted === "") throw new FilterProblem(at - 2, "a key must not be empty");
      return quoted;
    }
    const part = match(KEY_PART);
    if (part === undefined) throw new FilterProblem(at, `expected a key, found ${describe()}`);
    if (isFirst && KEYWORDS.has(part.toLowerCase())) {
      throw new FilterProblem(
        at,
        `expected a key, found the word "${part}"; put backticks around it if it is one`,
      );
    }
    at += part.length;
    return part;
  }

  /** Backslash takes the quote or a backslash as it is; every other backslash is just one. */
  function quotedText(quote: string): string {
    const begin = at;
    let content = "";
    for (at++; at < text.length; at++) {
      if (text[at] === quote) {
        at++;
        return content;
      }
      if (text[at] === "\\" && (text[at + 1] === quote || text[at + 1] === "\\")) at++;
      content += text[at];
    }
    throw new FilterProblem(begin, `the ${quote} is never closed`);
  }

  skip();
  return {
    position: () => at,
    atEnd: () => at >= text.length,
    describe,
    takeWord(word) {
      const found = match(WORD);
      if (found?.toLowerCase() !== word) return false;
      take(found.length);
      return true;
    },
    takeCharacter(character) {
      if (text[at] !== character) return false;
      take(1);
      return true;
    },
    key() {
      const parts = [keyPart(true)];
      while (text[at] === ".") {
        at++;
        parts.push(keyPart(false));
      }
      skip();
      return parts;
    },
    operator() {
      const foreign = FOREIGN[text.slice(at, at + 2)];
      if (foreign) throw new FilterProblem(at, `${foreign} instead of "${text.slice(at, at + 2)}"`);
      const found = match(OPERATOR);
      if (!found) throw new FilterProblem(at, `expected =, !=, <, <=, >, >=, ~ or in, found ${describe()}`);
      take(found.length);
      return found === "==" ? "=" : (found as Operator);
    },
    value() {
      const begin = at;
      const quote = text[at];
      if (quote === "'" || quote === '"') {
        const content = quotedText(quote);
        skip();
        return { text: content, quoted: true, at: begin };
      }
      const found = match(BARE_VALUE);
      if (found === undefined) throw new FilterProblem(at, `expected a value, found ${describe()}`);
      if (KEYWORDS.has(found.toLowerCase())) {
        throw new FilterProblem(
          at,
          `expected a value, found the word "${found}"; put quotes around it if it is one`,
        );
      }
      take(found.length);
      return { text: found, quoted: false, at: begin };
    },
  };
}
