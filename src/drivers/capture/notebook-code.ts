/** A piece of source in one language, cut out of a document. */
export interface CodePiece {
  readonly language: "python" | "r";
  readonly code: string;
}

/** Cell magics whose cell is still Python. */
const PYTHON_CELLS = /^%%(?:time|timeit|capture|prun|python3?|memit|mprun|lprun|debug|script\s+python3?)\b/;

/** Cell magics whose cell is a shell script. */
const SHELL_CELL = /^\s*%%(?:bash|sh|script\s+\S*sh|!)/;

/** Line magics followed by a Python statement. */
const PYTHON_LINE = /^\s*%(?:time|timeit|prun|memit)\s+(?=[^-\s])/;

/** The code cells of a Jupyter notebook (format 3 or 4) without magics; none when it is not one. */
export function notebookCode(text: string): CodePiece[] {
  const notebook = parse(text);
  const language = notebookLanguage(notebook);
  if (language === undefined) return [];
  return notebookCells(notebook)
    .filter((cell) => cell.cell_type === "code")
    .map((cell) => cellText(cell.source ?? cell.input))
    .map((code) => ({ language, code: language === "python" ? withoutMagics(code) : code }));
}

/** The lines of a Python notebook's code cells that are for IPython or the shell; `shell`: a line of `%%bash`. */
export function notebookScripts(text: string): { readonly shell: boolean; readonly line: string }[] {
  const notebook = parse(text);
  if (notebookLanguage(notebook) !== "python") return [];
  return notebookCells(notebook)
    .filter((cell) => cell.cell_type === "code")
    .flatMap((cell) => {
      const lines = cellText(cell.source ?? cell.input)
        .replace(/\\\r?\n/g, " ")
        .split(/\r?\n/);
      const shell = SHELL_CELL.test(lines.find((line) => line.trim() !== "") ?? "");
      return lines.filter((line) => shell || /^\s*[%!]/.test(line)).map((line) => ({ shell, line }));
    });
}

/** The Python and R chunks of an R Markdown or Quarto document. */
export function chunkCode(text: string): CodePiece[] {
  const chunks = /^[ \t]*(`{3,}|~{3,})[ \t]*\{(python|r)\b[^\n]*\}[ \t]*\r?\n([\s\S]*?)^[ \t]*\1/gim;
  const pieces: CodePiece[] = [...text.matchAll(chunks)].map((chunk) => ({
    language: String(chunk[2]).toLowerCase() === "r" ? "r" : "python",
    code: chunk[3] ?? "",
  }));
  const inline = [...text.matchAll(/`r ([^`\n]+)`/g)].map((match) => match[1]).join("\n");
  return inline === "" ? pieces : [...pieces, { language: "r", code: inline }];
}

interface Cell {
  readonly cell_type?: unknown;
  readonly source?: unknown;
  readonly input?: unknown;
}

interface Notebook {
  readonly cells?: unknown;
  readonly worksheets?: unknown;
  readonly metadata?: { readonly [key: string]: { readonly [key: string]: unknown } | undefined };
}

function parse(text: string): Notebook {
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return typeof value === "object" && value !== null ? (value as Notebook) : {};
  } catch {
    return {};
  }
}

function notebookLanguage(notebook: Notebook): CodePiece["language"] | undefined {
  const metadata = notebook.metadata;
  const name = metadata?.["language_info"]?.["name"] ?? metadata?.["kernelspec"]?.["language"] ?? "python";
  const lower = String(name).toLowerCase();
  return lower === "r" ? "r" : /python/.test(lower) ? "python" : undefined;
}

function notebookCells(notebook: Notebook): Cell[] {
  const sheets = Array.isArray(notebook.worksheets) ? (notebook.worksheets as Notebook[]) : [];
  return [notebook, ...sheets]
    .flatMap((holder) => (Array.isArray(holder?.cells) ? (holder.cells as Cell[]) : []))
    .filter((cell) => typeof cell === "object" && cell !== null);
}

function cellText(source: unknown): string {
  return Array.isArray(source) ? source.map(String).join("") : typeof source === "string" ? source : "";
}

/** Lines of the shell and of IPython are no Python; one quote in them would hide the rest of the cell. */
function withoutMagics(code: string): string {
  const text = code.trimStart();
  if (text.startsWith("%%")) {
    return PYTHON_CELLS.test(text) ? withoutMagics(text.slice(text.search(/\n|$/))) : "";
  }
  return text
    .split("\n")
    .map((line) => line.replace(PYTHON_LINE, ""))
    .filter((line) => !/^\s*[%!?]/.test(line))
    .map((line) => line.replace(/^(\s*[\w, ]+=)\s*!.*$/, "$1 None"))
    .join("\n");
}
