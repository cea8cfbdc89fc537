import { lineEnd } from "./string-literals.ts";

/** Parts of a dotted name that are kept: enough to tell the packages of a namespace apart. */
const MOST_PARTS = 4;

/** Base names with up to this many parts may be namespaces, whose packages are told apart by what follows. */
const NAMESPACE_PARTS = 2;

/** Functions that import what their first argument names. */
const DYNAMIC = new Set(["import_module", "__import__", "importorskip"]);

/** A whole absolute module name as the first argument; a name that is put together is known only when it runs. */
const LITERAL_ARGUMENT =
  /[ \t]*\(\s*(?:(?:name|modname)\s*=\s*)?[rRuU]?(["'])((?:[\p{ID_Start}_][\p{ID_Continue}]*\.)*[\p{ID_Start}_][\p{ID_Continue}]*)\1\s*[,)]/uy;

const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;

/**
 * Reads `a.b as c, d` behind the word `import` that ends at `at`; adds the modules to `found`.
 * Returns the index behind it, or undefined when it is no import.
 */
export function parseImport(source: string, at: number, found: Set<string>): number | undefined {
  const cursor = new Cursor(source, at);
  let end: number | undefined;
  do {
    const module = cursor.dotted();
    if (module.length === 0) break;
    found.add(module.slice(0, MOST_PARTS).join("."));
    if (cursor.word("as")) cursor.name();
    end = cursor.at;
  } while (cursor.char(","));
  return end;
}

/** Reads `a.b import c, d` or `.a import b` behind the word `from`; otherwise like `parseImport`. */
export function parseFrom(source: string, at: number, found: Set<string>): number | undefined {
  const cursor = new Cursor(source, at);
  let relative = false;
  while (cursor.char(".")) relative = true;
  const module = cursor.dotted();
  if ((module.length === 0 && !relative) || !cursor.word("import")) return undefined;
  if (relative) return cursor.at;
  cursor.insideBrackets = cursor.char("(");
  const names = importedNames(cursor);
  if (names.length === 0) return undefined;
  const base = module.slice(0, MOST_PARTS).join(".");
  if (module.length > NAMESPACE_PARTS) found.add(base);
  else for (const name of names) found.add(name === "*" ? base : `${base}.${name}`);
  return cursor.at;
}

/** Adds the module that `import_module("a.b")` names when the word from `begin` to `at` is such a function. */
export function parseDynamicImport(source: string, begin: number, at: number, found: Set<string>): void {
  if (!DYNAMIC.has(source.slice(begin, at))) return;
  LITERAL_ARGUMENT.lastIndex = at;
  const module = LITERAL_ARGUMENT.exec(source)?.[2];
  if (module === undefined) return;
  found.add(module.split(".").slice(0, MOST_PARTS).join(".").normalize("NFKC"));
}

function importedNames(cursor: Cursor): string[] {
  if (cursor.char("*")) return ["*"];
  const names: string[] = [];
  do {
    const name = cursor.name();
    if (name === undefined) break;
    names.push(name);
    if (cursor.word("as")) cursor.name();
  } while (cursor.char(","));
  cursor.char(")");
  return names;
}

/** Reads the few tokens that import statements are made of. */
class Cursor {
  at: number;
  /** Line ends and comments mean nothing between brackets. */
  insideBrackets = false;
  private readonly source: string;

  constructor(source: string, at: number) {
    this.source = source;
    this.at = at;
  }

  dotted(): string[] {
    const parts: string[] = [];
    let part = this.name();
    while (part !== undefined) {
      parts.push(part);
      part = this.char(".") ? this.name() : undefined;
    }
    return parts;
  }

  /** The next identifier, normalised as Python does; keywords end a statement and are none. */
  name(): string | undefined {
    this.skipSpace();
    NAME.lastIndex = this.at;
    const name = NAME.exec(this.source)?.[0];
    if (name === undefined || name === "import" || name === "as") return undefined;
    this.at += name.length;
    return name.normalize("NFKC");
  }

  word(word: string): boolean {
    this.skipSpace();
    NAME.lastIndex = this.at;
    if (NAME.exec(this.source)?.[0] !== word) return false;
    this.at += word.length;
    return true;
  }

  char(char: string): boolean {
    this.skipSpace();
    if (this.source[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    for (;;) {
      const char = this.source[this.at];
      if (char === " " || char === "\t" || char === "\f") this.at++;
      else if (char === "\\" && this.source[this.at + 1] === "\n") this.at += 2;
      else if (this.insideBrackets && char === "\n") this.at++;
      else if (this.insideBrackets && char === "#") this.at = lineEnd(this.source, this.at);
      else return;
    }
  }
}
