import type { Plugin } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { plain } from "../render/text.ts";

const KINDS = ["read", "write", "net", "env", "run", "engine"] as const;
type Wishes = { readonly [K in (typeof KINDS)[number] as `allow${Capitalize<K>}`]?: readonly string[] } & {
  readonly allowAll?: boolean;
  readonly asked?: boolean;
};

export const pluginGrant: CommandModule = {
  define(command) {
    command
      .argument("<name>", "name of the plugin")
      .option("--asked", "everything that it asks for")
      .option("--allow-read <paths>", "files and folders to read, joined by commas", list)
      .option("--allow-write <paths>", "files and folders to write", list)
      .option("--allow-net <hosts>", "hosts to connect to, as host or host:port", list)
      .option("--allow-env <names>", "environment variables to read", list)
      .option("--allow-run <programs>", "programs to start, outside the sandbox; * is every one", list)
      .option("--allow-engine <methods>", "methods of the engine to call", list)
      .option("--allow-all", "everything there is, without a sandbox");
  },
  async run(call) {
    const wishes = call.options<Wishes>();
    const lists = KINDS.map((kind) => {
      const name = `allow${kind.charAt(0).toUpperCase()}${kind.slice(1)}` as keyof Wishes;
      return [kind, wishes[name]] as const;
    });
    const permissions = Object.fromEntries(lists.filter(([, values]) => values !== undefined));
    const result = await call.request("plugin.grant", {
      name: nameOf(call),
      ...(Object.keys(permissions).length > 0 ? { permissions } : {}),
      ...(wishes.asked ? { asked: true } : {}),
      ...(wishes.allowAll ? { all: true } : {}),
    });
    await call.answer(result, () => grantedText(result.plugin));
    if (result.plugin.grantedAll) {
      const warning = `${result.plugin.name} runs without a sandbox: it may do everything that you may.`;
      await call.note(`${call.noteStyle.red("warning:")} ${plain(warning)}`);
    }
    return 0;
  },
};

export const pluginRevoke: CommandModule = {
  define: defineName,
  async run(call) {
    const result = await call.request("plugin.revoke", { name: nameOf(call) });
    await call.answer(result, () => `${plain(result.plugin.name)} may do nothing now, and is not run.`);
    return 0;
  },
};

export const pluginRemove: CommandModule = {
  define: defineName,
  async run(call) {
    const result = await call.request("plugin.remove", { name: nameOf(call) });
    await call.answer(result, () => `Removed ${plain(result.name)}.`);
    return 0;
  },
};

function defineName(command: Parameters<CommandModule["define"]>[0]): void {
  command.argument("<name>", "name of the plugin");
}

function nameOf(call: Call): string {
  return call.args[0] as string;
}

function list(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").filter((part) => part !== "")];
}

function grantedText({ name, granted }: Plugin): string {
  const parts = Object.entries(granted ?? {}).map(([kind, values]) => `${kind} ${values.join(", ")}`);
  return `${plain(name)} may ${plain(parts.join("; ") || "run, and nothing else")}.`;
}
