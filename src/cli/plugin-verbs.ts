import { join, resolve } from "node:path";
import type { Plugin, PluginProvides } from "../protocol/types.ts";
import { findProjectRoot } from "../util/project-root.ts";
import { isThere } from "../util/safe-files.ts";
import type { CommandNode } from "./commands.ts";
import type { Host } from "./host.ts";
import { plain } from "./render/text.ts";
import type { Resolved } from "./resolve-command.ts";

/**
 * Commands that plugins of the project add: `datmo best`. Asked for only when no command of datmo's own was named,
 * so that no other command pays for them, and datmo's own always win.
 */
export async function withVerbs(resolved: Resolved, host: Host): Promise<Resolved> {
  const { path, rest } = resolved;
  const [root] = path as [CommandNode];
  if (path.length > 1 || asksOnlyVersion(rest)) return resolved;
  const verbs = await verbsOf(resolve(host.directory, projectOption(rest) ?? "."), host, root);
  if (verbs.length === 0) return resolved;
  const at = commandAt(rest);
  const verb = at < 0 ? undefined : verbs.find(({ name }) => name === rest[at]);
  if (verb) return { path: [root, verb], node: verb, rest: rest.filter((_, i) => i !== at) };
  const whole = { ...root, children: [...(root.children ?? []), ...verbs] };
  return { path: [whole], node: whole, rest, verbs: verbs.map(({ name }) => name) };
}

/** Nothing is loaded where no plugin was ever installed. */
async function verbsOf(directory: string, host: Host, root: CommandNode): Promise<CommandNode[]> {
  const project = await findProjectRoot(directory).catch(() => undefined);
  if (project === undefined || !(await isThere(join(project, ".datmo", "plugins")))) return [];
  const plugins = await installed(directory, host);
  const taken = new Set(root.children?.map(({ name }) => name));
  return plugins.flatMap((plugin) =>
    plugin.provides
      .filter(({ kind, name }) => kind === "command" && name !== undefined && !taken.has(name))
      .map((provided) => verbNode(plugin, provided)),
  );
}

/** A project that cannot be read is told of by whatever is called next. */
async function installed(directory: string, host: Host): Promise<readonly Plugin[]> {
  const engine = await host.connect(directory);
  try {
    return (await engine.request("plugin.list", {})).items;
  } catch {
    return [];
  } finally {
    await engine.close();
  }
}

function verbNode({ name: plugin }: Plugin, provided: PluginProvides): CommandNode {
  const { name = "", description } = provided;
  return {
    name,
    summary: plain(`${description ?? "a command"} (of the plugin ${plugin})`),
    methods: ["plugin.call"],
    load: async () => (await import("./commands/plugin-verb.ts")).pluginVerb(plugin, provided),
  };
}

function projectOption(rest: readonly string[]): string | undefined {
  const joined = rest.find((word) => word.startsWith("--project="));
  if (joined !== undefined) return joined.slice("--project=".length);
  const at = rest.indexOf("--project");
  return at < 0 ? undefined : rest[at + 1];
}

/** Where the first word is that is no option, nor the value of one. */
function commandAt(rest: readonly string[]): number {
  return rest.findIndex((word, at) => !word.startsWith("-") && rest[at - 1] !== "--project");
}

function asksOnlyVersion(rest: readonly string[]): boolean {
  return rest.includes("--version") || rest.includes("-v");
}
