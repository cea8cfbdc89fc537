import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

/*
 * Deno reads what is imported statically without asking anybody, also as text (`with { type: "text" }`). So its own
 * parser is asked first what would be read, and whatever lies outside is refused.
 */

const MOST_MS = 30_000;
const MOST_OUTPUT = 64 * 1024 * 1024;
/** No lock file, no settings of the folder, nothing from the network. */
export const CLOSED = ["--no-config", "--no-lock", "--no-remote", "--no-npm"] as const;

export interface ModuleGraph {
  /** TypeScript that has to be turned into JavaScript. */
  readonly typeScript: readonly string[];
  /** Why it may not be run; undefined when it may. */
  readonly problem?: string;
}

interface GraphModule {
  readonly kind?: string;
  readonly specifier: string;
  readonly mediaType?: string;
  readonly error?: string;
}

/** What `main` imports, directly or not; nothing but what lies in `inside` is in order. */
export async function moduleGraph(
  deno: { readonly path: string; readonly env: Readonly<Record<string, string>> },
  main: string,
  inside: string,
  importMap: string,
): Promise<ModuleGraph> {
  const words = ["info", "--json", ...CLOSED, `--import-map=${importMap}`, main];
  let text: string;
  try {
    const options = { env: deno.env, timeout: MOST_MS, maxBuffer: MOST_OUTPUT };
    text = (await promisify(execFile)(deno.path, words, options)).stdout;
  } catch (error) {
    return { typeScript: [], problem: `its imports cannot be read: ${lastLine(error)}` };
  }
  const { modules, redirects } = JSON.parse(text) as {
    readonly modules: readonly GraphModule[];
    readonly redirects: Readonly<Record<string, string>>;
  };
  const root = `${pathToFileURL(inside).href}/`;
  const [redirect] = Object.keys(redirects);
  const problem = redirect === undefined ? firstProblem(modules, root) : `it imports ${redirect}`;
  const typeScript = modules
    .filter(({ specifier, mediaType }) => specifier.startsWith(root) && isTypeScript(mediaType))
    .map(({ specifier }) => fileURLToPath(specifier));
  return { typeScript, ...(problem === undefined ? {} : { problem }) };
}

/** The last thing that a program of Deno's said. */
export function lastLine(error: unknown): string {
  const { stderr = "", message } = error as { readonly stderr?: string; readonly message: string };
  const said = stderr.split("\n").find((line) => line.startsWith("error:"));
  return (said ?? stderr.trim().split("\n").at(-1)) || message;
}

function firstProblem(modules: readonly GraphModule[], root: string): string | undefined {
  for (const { kind, specifier, mediaType, error } of modules) {
    if (kind === "node" || (specifier.startsWith("node:") && error === undefined)) continue;
    if (!specifier.startsWith(root)) return `it imports ${shown(specifier)}, which is not in its folder`;
    if (error !== undefined) return error.split("\n")[0];
    if (mediaType === "Wasm") return `it imports ${shown(specifier)}; import WebAssembly as bytes instead`;
    if (mediaType === "TSX" || mediaType === "JSX" || mediaType === "Cjs" || mediaType === "Cts")
      return `it imports ${shown(specifier)}; only .ts, .mts, .js, .mjs and data can be imported`;
  }
  return undefined;
}

function isTypeScript(mediaType: string | undefined): boolean {
  return mediaType === "TypeScript" || mediaType === "Mts";
}

function shown(specifier: string): string {
  return specifier.startsWith("file://") ? fileURLToPath(specifier) : specifier.slice(0, 200);
}
