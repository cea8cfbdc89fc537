/** Functions whose first argument names a package. */
const LOADERS = new Set([
  "library",
  "require",
  "requireNamespace",
  "loadNamespace",
  "attachNamespace",
  "use",
]);

/** Functions all of whose arguments name packages. */
const LOADERS_OF_MANY = new Set(["p_load"]);

const PACKAGE = /^[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]$/;

/** A comment, a string (raw ones too), a quoted or plain name, or `::`. */
const TOKEN =
  /#[^\n]*|[rR](["'])(-*)(?:\(([\s\S]*?)\)|\[([\s\S]*?)\]|\{([\s\S]*?)\})\2\1|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|`([^`\n]+)`|(:::?)|((?:[A-Za-z\u0080-\uffff]|\.(?!\d))[\w.\u0080-\uffff]*)|([(,=])|([^\s])/g;

/**
 * The packages that R source uses: `library(x)`, `require("x")`, `requireNamespace("x")`, `x::f`. Sorted,
 * each once. Names that are only known when the code runs (`character.only = TRUE`) are left out.
 */
export function rPackagesUsed(source: string): string[] {
  const tokens = tokenize(source);
  const found = new Set<string>();
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token.kind === "string" || token.kind === "name") {
      if (next?.text.startsWith("::") && next.kind === "mark") found.add(token.text);
    }
    if (token.kind === "name" && LOADERS.has(token.text) && next?.text === "(" && next.kind === "mark") {
      const loaded = loadedPackage(tokens, index + 2);
      if (loaded !== undefined) found.add(loaded);
    }
    if (token.kind === "name" && LOADERS_OF_MANY.has(token.text) && next?.text === "(") {
      for (const loaded of loadedPackages(tokens, index + 2)) found.add(loaded);
    }
  });
  return [...found].filter((name) => PACKAGE.test(name)).sort();
}

interface Token {
  readonly kind: "string" | "name" | "mark";
  readonly text: string;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  for (const match of source.matchAll(TOKEN)) {
    const [all, , , raw1, raw2, raw3, double, single, quoted, colons, name, mark, other] = match;
    if (all.startsWith("#")) continue;
    const string = raw1 ?? raw2 ?? raw3 ?? double ?? single;
    if (string !== undefined) tokens.push({ kind: "string", text: string });
    else if (name !== undefined || quoted !== undefined) {
      tokens.push({ kind: "name", text: name ?? quoted ?? "" });
    } else tokens.push({ kind: "mark", text: colons ?? mark ?? other ?? "" });
  }
  return tokens;
}

/** The package of a call whose first argument is at `at`. */
function loadedPackage(tokens: readonly Token[], at: number): string | undefined {
  const named = tokens[at]?.text === "package" && tokens[at + 1]?.text === "=" ? at + 2 : at;
  const argument = tokens[named];
  if (argument === undefined || argument.kind === "mark") return undefined;
  const end = tokens[named + 1]?.text;
  if (end !== ")" && end !== ",") return undefined;
  return argument.kind === "name" && isCharacterOnly(tokens, named + 1) ? undefined : argument.text;
}

/** Plain arguments up to the closing bracket; those with a name or a value that is computed are left out. */
function loadedPackages(tokens: readonly Token[], at: number): string[] {
  const found: string[] = [];
  for (let i = at; i < tokens.length && tokens[i]?.text !== ")"; i++) {
    const token = tokens[i] as Token;
    const isAlone = /^[(,]$/.test(tokens[i - 1]?.text ?? "") && /^[),]$/.test(tokens[i + 1]?.text ?? "");
    if (token.kind !== "mark" && isAlone) found.push(token.text);
  }
  return found;
}

function isCharacterOnly(tokens: readonly Token[], at: number): boolean {
  for (let i = at; i < Math.min(at + 12, tokens.length); i++) {
    if (tokens[i]?.text === ")") return false;
    if (tokens[i]?.text === "character.only") return /^T(?:RUE)?$/.test(tokens[i + 2]?.text ?? "");
  }
  return false;
}
