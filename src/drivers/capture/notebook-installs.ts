import { notebookScripts } from "./notebook-code.ts";
import { withoutCredentials } from "./url-credentials.ts";

/** `pip install x`, `python -m pip install x`, `{sys.executable} -m pip …`, `uv add x`, `conda install x`; behind `%` or `!` in Python cells. */
const INSTALL =
  /^(?:sudo\s+)?(?:uv\s+add|(?:(?:\{[^}\n]*\}|\S*python[\d.]*)\s+-m\s+|uv\s+)?(?:\S*\bpip[\d.]*|conda|mamba|micromamba)\s+install)\s+(.+)$/;

/** Options of pip and conda that are followed by a value which is no package. */
const WITH_VALUE =
  /^(?:-i|--index-url|--extra-index-url|-f|--find-links|-t|--target|--prefix|-p|-n|--name|-c|--constraint|--channel|--python|--proxy|--timeout|--retries|--upgrade-strategy|--progress-bar)$/;

const LONGEST = 300;

/**
 * The packages that a notebook installs by itself, sorted, as they are written there without credentials; a
 * list of requirements is `-r:file`. What is put together when the cell runs (`$x`, `{x}`) is left out.
 */
export function notebookInstalls(text: string): string[] {
  const found = new Set<string>();
  for (const { shell, line } of notebookScripts(text)) {
    const command = shell ? line.trim() : line.trim().replace(/^[%!]{1,2}\s*/, "");
    const listed = INSTALL.exec(command)?.[1];
    for (const name of packagesIn(listed ?? "")) found.add(name);
  }
  return [...found].sort();
}

function packagesIn(listed: string): string[] {
  const words = listed.match(/(?:"[^"]*"|'[^']*'|[^\s"';|&])+|[;|&]/g) ?? [];
  const end = words.findIndex((word) => /^(?:[;|&#]|\d?>)/.test(word));
  const found: string[] = [];
  for (let i = 0; i < (end === -1 ? words.length : end); i++) {
    const word = words[i] as string;
    if (WITH_VALUE.test(word)) i++;
    else if (/^(?:-r|--requirement|--file)$/.test(word)) found.push(`-r:${plain(words[++i] ?? "")}`);
    else if (!word.startsWith("-")) found.push(plain(word));
  }
  return found.filter((name) => name !== "" && name.length <= LONGEST && !/[{}$]/.test(name));
}

/** Without quotes and white space: a cache keeps the list separated by spaces. */
function plain(word: string): string {
  return withoutCredentials(word.replace(/["'\s]/g, ""));
}
