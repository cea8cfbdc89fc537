import { parseDynamicImport, parseFrom, parseImport } from "./import-statement.ts";
import { isQuote, isStringPrefix, lineEnd, skipString } from "./string-literals.ts";

const TAB = 9;
const NEWLINE = 10;
const FORM_FEED = 12;
const SPACE = 32;
const HASH = 35;
const COLON = 58;
const SEMICOLON = 59;
const BACKSLASH = 92;

/**
 * The modules that Python source imports, dotted, sorted, each once; relative imports are left out.
 * `from a.b import c` gives `a.b.c` where the name may be a module that decides the package (namespace
 * packages such as google.cloud). `import_module("x")` and `__import__("x")` count when the name is written
 * out. Source that is no Python gives whatever looks like an import in it.
 */
export function pythonImports(text: string): string[] {
  const source = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  const found = new Set<string>();
  new ImportScan(source, found).run();
  return [...found].sort();
}

/** Walks over the source once, knowing just enough to tell where a statement begins. */
class ImportScan {
  private at = 0;
  private depth = 0;
  /** A statement may begin here. */
  private fresh = true;
  /** Only white space since the line began. */
  private lineStart = true;
  private readonly source: string;
  private readonly found: Set<string>;

  constructor(source: string, found: Set<string>) {
    this.source = source;
    this.found = found;
  }

  run(): void {
    if (this.source.charCodeAt(0) === 0xfeff) this.at = 1;
    while (this.at < this.source.length) this.step(this.source.charCodeAt(this.at));
  }

  private step(code: number): void {
    if (code === SPACE || code === TAB || code === FORM_FEED) this.at++;
    else if (code === NEWLINE) this.newLine();
    else if (code === HASH) this.at = lineEnd(this.source, this.at);
    else if (isQuote(code)) this.string("");
    else if (isWordCode(code)) this.word();
    else this.punctuation(code);
  }

  private newLine(): void {
    this.at++;
    this.fresh = this.depth === 0;
    this.lineStart = true;
  }

  private string(prefix: string): void {
    this.at = skipString(this.source, this.at, prefix);
    this.fresh = false;
    this.lineStart = false;
  }

  private punctuation(code: number): void {
    const next = this.source.charCodeAt(this.at + 1);
    if (code === BACKSLASH && next === NEWLINE) {
      this.at += 2;
      return;
    }
    if (isOpening(code)) this.depth++;
    else if (isClosing(code)) this.depth = Math.max(0, this.depth - 1);
    // A block may stand on the line of its head (`try: import x`); no semicolon can stand in brackets.
    if (code === SEMICOLON) this.depth = 0;
    this.fresh = this.depth === 0 && (code === COLON || code === SEMICOLON);
    this.lineStart = false;
    this.at++;
  }

  private word(): void {
    const begin = this.at;
    while (isWordCode(this.source.charCodeAt(this.at))) this.at++;
    const length = this.at - begin;
    if (length <= 2 && isQuote(this.source.charCodeAt(this.at))) {
      const prefix = this.source.slice(begin, this.at);
      this.string(isStringPrefix(prefix) ? prefix : "");
      return;
    }
    // `lazy import x` (PEP 810): the word that follows still begins the statement.
    if (length === 4 && this.fresh && this.source.startsWith("lazy", begin)) return;
    if ((this.fresh || this.lineStart) && (length === 4 || length === 6)) this.statement(begin, length);
    else if (length >= 10 && length <= 13) parseDynamicImport(this.source, begin, this.at, this.found);
    this.fresh = false;
    this.lineStart = false;
  }

  /**
   * `import` at the start of a line is a statement even when a bracket seems open: none can stand in one,
   * so a bracket was missed (broken code) and the count begins anew.
   */
  private statement(begin: number, length: number): void {
    let end: number | undefined;
    if (length === 6 && this.source.startsWith("import", begin)) {
      end = parseImport(this.source, this.at, this.found);
    } else if (length === 4 && this.source.startsWith("from", begin)) {
      end = parseFrom(this.source, this.at, this.found);
    }
    if (end === undefined) return;
    this.at = end;
    this.depth = 0;
  }
}

function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code >= 128
  );
}

function isOpening(code: number): boolean {
  return code === 40 || code === 91 || code === 123;
}

function isClosing(code: number): boolean {
  return code === 41 || code === 93 || code === 125;
}
