import type { Variables } from "../../../util/executables.ts";
import { runBounded } from "../bounded-process.ts";
import { MARK, PROBE_SCRIPT } from "./probe-script.ts";

/** What an interpreter says about itself. */
export type PythonAnswer = {
  readonly version: string;
  readonly executable: string;
  readonly prefix: string;
  readonly basePrefix: string;
  readonly implementation: string;
  readonly platform: string;
  /** `sys.path` of a script, without the script's own folder. */
  readonly path: readonly string[];
  /** Folders of installed packages, whether or not they are there. */
  readonly sites: readonly string[];
  readonly stdlib: string;
  readonly stdlibModules: readonly string[];
};

/** Starts the interpreter once, at most for `timeoutMs`; undefined when it does not answer. */
export async function askPython(
  executable: string,
  variables: Variables,
  directory: string,
  timeoutMs: number,
): Promise<PythonAnswer | undefined> {
  const outcome = await runBounded({
    program: executable,
    arguments: ["-c", PROBE_SCRIPT],
    // These would change what a bare start does: prompt for input, or measure coverage into the project.
    environment: {
      ...variables,
      PYTHONINSPECT: undefined,
      COVERAGE_PROCESS_START: undefined,
      COV_CORE_SOURCE: undefined,
    },
    directory,
    timeoutMs,
  });
  return outcome === undefined ? undefined : parseAnswer(outcome.stdout);
}

function parseAnswer(output: Buffer): PythonAnswer | undefined {
  const [, answer] = output.toString("utf8").split(MARK);
  if (answer === undefined) return undefined;
  const fields = new Map<string, string[]>();
  for (const field of answer.split("\0")) {
    const equals = field.indexOf("=");
    const key = field.slice(0, equals);
    fields.set(key, [...(fields.get(key) ?? []), field.slice(equals + 1)]);
  }
  const one = (key: string): string => fields.get(key)?.[0] ?? "";
  if (one("version") === "" || one("executable") === "") return undefined;
  return {
    version: one("version"),
    executable: one("executable"),
    prefix: one("prefix"),
    basePrefix: one("basePrefix"),
    implementation: one("implementation"),
    platform: one("platform"),
    path: [...new Set(fields.get("path") ?? [])],
    sites: [...new Set(fields.get("site") ?? [])],
    stdlib: one("stdlib"),
    stdlibModules: [...new Set(fields.get("module") ?? [])],
  };
}
