import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { Problem } from "../../protocol/types.ts";
import { notGranted } from "./describe-plugin.ts";
import { installed, type PluginParts, runnable, throwIfResting } from "./plugin-parts.ts";

/** Why plugins of the project do not do what they are there for, each as the error that says it. */
export async function pluginProblems(parts: PluginParts): Promise<Problem[]> {
  const names = await parts.store.names();
  return (await Promise.all(names.map((name) => problemsOf(parts, name)))).flat();
}

async function problemsOf(parts: PluginParts, name: string): Promise<Problem[]> {
  const problems: Problem[] = [];
  try {
    await throwIfUnusable(parts, name);
  } catch (error) {
    if (!isDatmoError(error)) throw error;
    // Removed by somebody else meanwhile.
    if (error.kind === "PLUGIN_NOT_FOUND") return [];
    problems.push(problemOf(error));
  }
  const missed = await parts.outbox.missed(name);
  if (missed > 0) {
    const message = `it was not told of ${missed} event${missed === 1 ? "" : "s"}, because it failed or did not keep up`;
    problems.push(problemOf(errors.PLUGIN_FAILED({ name, message })));
  }
  return problems;
}

async function throwIfUnusable(parts: PluginParts, name: string): Promise<void> {
  const found = await installed(parts.store, name);
  const grant = (await parts.grants.all()).get(name);
  const plugin = grant && runnable(found, grant);
  if (!plugin) throw notGranted(found.content.manifest);
  await throwIfResting(parts.health, plugin);
}

function problemOf({ kind, message, details }: ReturnType<typeof errors.PLUGIN_FAILED>): Problem {
  return { kind, message, details: { ...details } };
}
