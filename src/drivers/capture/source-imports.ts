import { type CodePiece, chunkCode, notebookCode } from "./notebook-code.ts";
import { notebookInstalls } from "./notebook-installs.ts";
import { pythonImports } from "./python/import-scanner.ts";
import { rPackagesUsed } from "./r/package-scanner.ts";
import { readRegularFile } from "./regular-file.ts";

/** What one source file uses: Python modules (dotted) and R packages. */
export interface SourceImports {
  readonly python: readonly string[];
  readonly r: readonly string[];
  /** What a notebook installs by itself (`%pip install x==1`), as it is written there. */
  readonly installs: readonly string[];
}

const LARGEST_SOURCE = 1 << 20;

/** Notebooks carry their outputs, pictures included. */
const LARGEST_NOTEBOOK = 16 << 20;

const NOTHING: SourceImports = { python: [], r: [], installs: [] };

/** True for names of files whose imports are looked at. */
export function isSource(name: string): boolean {
  return /\.(?:pyw?|ipynb|r|rmd|qmd|rnw)$/i.test(name);
}

/** Files that are too large, unreadable or binary use nothing. */
export function readImports(path: string): SourceImports {
  const isNotebook = /\.ipynb$/i.test(path);
  const bytes = readRegularFile(path, isNotebook ? LARGEST_NOTEBOOK : LARGEST_SOURCE);
  if (bytes === undefined || bytes.includes(0)) return NOTHING;
  const text = bytes.toString("utf8");
  if (isNotebook) return { ...importsOf(notebookCode(text)), installs: notebookInstalls(text) };
  if (/\.(?:rmd|qmd)$/i.test(path)) return importsOf(chunkCode(text));
  if (/\.pyw?$/i.test(path)) return { python: pythonImports(text), r: [], installs: [] };
  return importsOf([{ language: "r", code: text }]);
}

/** Each piece by itself, so that a broken one does not spoil the others. */
function importsOf(pieces: readonly CodePiece[]): SourceImports {
  const used = { python: new Set<string>(), r: new Set<string>() };
  for (const { language, code } of pieces) {
    // All R code uses `base`; that tells R code without any package from none.
    const names = language === "python" ? pythonImports(code) : ["base", ...rPackagesUsed(code)];
    for (const name of names) used[language].add(name);
  }
  return { python: [...used.python].sort(), r: [...used.r].sort(), installs: [] };
}
