import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseEnvFile } from "../../domain/env-file.ts";
import type { TaskSecrets } from "../../domain/task-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { ExecutionContext } from "./execution.ts";
import type { PlannedSecrets } from "./execution-plan.ts";

/** An env file is small; anything bigger is something else. */
const MOST_BYTES = 1 << 20;

/**
 * Values of a task's secrets as they are now: of env files read anew, of single ones from `given` or the environment.
 * They are kept nowhere. Undefined when the task has none. Throws SECRET_MISSING, ENV_FILE_INVALID.
 */
export async function secretsOf(
  { project, environment }: Pick<ExecutionContext, "project" | "environment">,
  { secrets = [], envFiles = [] }: TaskSecrets,
  given: Readonly<Record<string, string>> = {},
): Promise<PlannedSecrets | undefined> {
  if (secrets.length === 0 && envFiles.length === 0) return undefined;
  const values: Record<string, string> = {};
  for (const path of envFiles) {
    const text = await textOf(project.directory, path);
    const { variables, problem } = parseEnvFile(text, environment);
    if (problem !== undefined) throw errors.ENV_FILE_INVALID({ path, reason: problem });
    Object.assign(values, variables);
  }
  const missing: string[] = [];
  for (const name of secrets) {
    const value = given[name] ?? environment[name];
    if (value === undefined) missing.push(name);
    else values[name] = value;
  }
  if (missing.length > 0) throw errors.SECRET_MISSING({ names: missing.join(", "), list: missing });
  return { names: [...secrets], envFiles: [...envFiles], values };
}

async function textOf(directory: string, path: string): Promise<string> {
  try {
    const content = await readFile(resolve(directory, path));
    if (content.length > MOST_BYTES || content.includes(0)) {
      throw errors.ENV_FILE_INVALID({ path, reason: "it is no text of lines NAME=VALUE" });
    }
    return content.toString("utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (typeof code !== "string") throw error;
    const reason = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw errors.ENV_FILE_INVALID({ path, reason }, { cause: error });
  }
}
