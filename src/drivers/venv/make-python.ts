import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { PackageFact } from "../../services/ports/capture.ts";
import { failedBuilds, findMissing, type Missing } from "./diagnose.ts";
import type { InstallTool, ToolContext } from "./install-tool.ts";
import { lastLine, pipTool } from "./pip-tool.ts";
import type { RequirementSet } from "./requirement-set.ts";
import { runTool } from "./run-tool.ts";
import { exportUvLock, uvTool } from "./uv-tool.ts";

export interface PythonOrder {
  readonly set: RequirementSet;
  readonly context: ToolContext;
  /** Path of uv. Absent: pip is used. */
  readonly uv?: string;
  /** Path of the venv. */
  readonly directory: string;
  readonly output?: (text: string) => void;
  readonly progress: (message: string, done?: number, total?: number) => void;
}

/** Packages that the error's sentence names. */
const NAMED = 10;

const LIST = `
import json, importlib.metadata as m
print(json.dumps(sorted([d.metadata["Name"], d.version] for d in m.distributions() if d.metadata["Name"])))
`;

/** Makes the venv and says what is in it. Throws PACKAGES_UNAVAILABLE with every package that cannot be had. */
export async function makePython(
  order: PythonOrder,
): Promise<{ readonly tool: string; readonly packages: readonly PackageFact[] }> {
  const { set, context, directory, progress } = order;
  const tool = order.uv === undefined ? pipTool(context) : uvTool(order.uv, context);
  progress("Making the venv");
  await tool.create(directory);
  const text = await textOf(order);
  const file = join(context.directory, ".datmo-requirements.txt");
  await mkdir(context.directory, { recursive: true });
  await writeFile(file, text);
  if (text.trim() !== "") {
    const installed = await tool.install(directory, file, set.complete, teller(order));
    if (installed.exitCode !== 0) throw await failure(order, tool, text, installed.text);
  }
  return { tool: await tool.version(directory), packages: await listed(order) };
}

/** uv knows best what its lock means; without it, or without a pyproject.toml, the lock is read here. */
async function textOf({ set, uv, context }: PythonOrder): Promise<string> {
  if (set.source !== "uv.lock" || uv === undefined) return set.text;
  return (await exportUvLock(uv, context)) ?? set.text;
}

/** Shows what the tool prints, and as progress the package that it is at. */
function teller({ output, progress }: PythonOrder): (text: string) => void {
  let rest = "";
  return (text) => {
    output?.(text);
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const collecting =
        /^\s*(Collecting|Downloading|Building wheel for|Installing collected packages|Installed|Prepared)\b.*/.exec(
          line,
        );
      if (collecting) progress(collecting[0].trim().slice(0, 120));
    }
  };
}

async function failure(order: PythonOrder, tool: InstallTool, text: string, said: string): Promise<Error> {
  const { directory, context, progress } = order;
  const missing = await findMissing(text, tool.questions(directory), (done, total) =>
    progress("Looking for the packages that cannot be had", done, total),
  );
  if (context.signal?.aborted) return errors.CANCELLED({});
  const all = [...missing, ...failedBuilds(said), ...(missing.length === 0 ? namedMissing(said) : [])];
  if (all.length === 0) return errors.VENV_FAILED({ reason: lastLine(said), log: said.slice(-4000) });
  const list = all.slice(0, NAMED).map(({ requirement, reason }) => `${requirement} (${reason})`);
  const more = all.length > NAMED ? `, and ${all.length - NAMED} more` : "";
  return errors.PACKAGES_UNAVAILABLE({
    count: all.length,
    list: list.join(", ") + more,
    packages: all.map((one) => ({ ...one })),
  });
}

/** What has no exact version is not asked for one by one; the tool names the first that failed. */
function namedMissing(said: string): Missing[] {
  const [, name, need] =
    /Package '([^']+)' requires a different Python: \S+ not in '([^']*)'/.exec(said) ?? [];
  if (name !== undefined)
    return [{ requirement: name, problem: "python", reason: `it needs Python ${need}` }];
  const [, requirement] = /No matching distribution found for (.+?)\s*(?:\(from|$)/m.exec(said) ?? [];
  if (requirement === undefined) return [];
  const [, versions] = /from versions: ([^)]*)\)/.exec(said) ?? [];
  const reason =
    versions === undefined || versions === "none" ? "no version fits here" : `there is only ${versions}`;
  return [{ requirement, problem: "gone", reason }];
}

async function listed({ context, directory }: PythonOrder): Promise<PackageFact[]> {
  const programs = process.platform === "win32" ? "Scripts" : "bin";
  const { stdout } = await runTool({
    program: join(directory, programs, "python"),
    arguments: ["-I", "-c", LIST],
    environment: context.variables,
    directory: context.directory,
    ...(context.signal ? { signal: context.signal } : {}),
  });
  const pairs = JSON.parse(stdout || "[]") as [string, string][];
  return pairs.map(([name, version]) => ({ name, version }));
}
