import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isDatmoError } from "../../protocol/errors.ts";
import type { Plugin, PluginPermissions } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { canAsk, openPrompter } from "../prompt.ts";
import { permissionsText } from "../render/plugin-text.ts";
import { plain } from "../render/text.ts";
import { watchFolder } from "../running/watch-folder.ts";
import { jsonObject, valueText } from "./plugin-call.ts";

interface Options {
  readonly asked?: boolean;
  readonly allowAll?: boolean;
}

interface Development {
  readonly directory: string;
  readonly command?: string;
  readonly params: ReturnType<typeof jsonObject>;
  readonly all: boolean;
  /** What was allowed in this session; undefined before anything was. */
  allowed?: PluginPermissions;
}

export const pluginDev: CommandModule = {
  wants: ["plugin.output"],
  define(command) {
    command
      .argument("<dir>", "folder with datmo-plugin.json")
      .argument("[command]", "command to call whenever it was loaded")
      .argument("[params]", "its params, as JSON")
      .option("--asked", "allow everything that it asks for now; for more it asks again")
      .option("--allow-all", "everything there is, without a sandbox")
      .addHelpText(
        "after",
        `
Installs the folder in the project, again whenever something in it changes, with what was allowed before, and shows
what the plugin prints and answers. Ctrl-C ends it; the plugin stays installed.`,
      );
  },
  async run(call) {
    const [dir, command, params] = call.args as [string, string?, string?];
    const { asked, allowAll } = call.options<Options>();
    const work: Development = {
      directory: resolve(call.host.directory, dir),
      ...(command === undefined ? {} : { command }),
      params: params === undefined ? {} : jsonObject(params),
      all: allowAll === true,
    };
    const engine = await call.engine();
    engine.on("plugin.output", ({ text }) => void call.stderr.write(printed(text)));
    // Before it is read, so that no change is missed; where there is no folder, reading it tells.
    const folder = existsSync(work.directory) ? watchFolder(work.directory) : undefined;
    const controller = new AbortController();
    const end = call.host.onSignal(() => {
      controller.abort();
      folder?.end();
    });
    await load(call, work, asked === true).catch((error: unknown) => {
      folder?.end();
      throw error;
    });
    await call.note("Waiting for changes. Ctrl-C ends it.");
    for (;;) {
      await folder?.changed();
      if (controller.signal.aborted) break;
      await load(call, work, false);
    }
    end();
    return 0;
  },
};

/** Installs, allows, starts and calls it; what is wrong is told, and waits for the next change. */
async function load(call: Call, work: Development, asked: boolean): Promise<void> {
  try {
    const { plugin } = await call.request("plugin.install", { directory: work.directory });
    const { name } = plugin;
    if (!(await allow(call, work, plugin, asked))) return;
    await call.request("plugin.start", { name });
    await call.note(`${call.noteStyle.green("ready")}  ${plain(name)} ${plugin.hash.slice(0, 8)}`);
    if (work.command === undefined) return;
    const { command, params } = work;
    const answer = await call.request("plugin.call", { name, command, params });
    await call.answer(answer, () => valueText(answer.result));
  } catch (error) {
    await told(call, error);
  }
}

/** What was allowed before is allowed again; for more, a person is asked. */
async function allow(call: Call, work: Development, plugin: Plugin, asked: boolean): Promise<boolean> {
  const { name, state, asks } = plugin;
  const isKnown = covers(work.allowed ?? {}, asks) || asked || work.all;
  if (state !== "ready" && !isKnown) {
    const { permissions } = await call.request("plugin.get", { name });
    await call.note(permissionsText(plugin, permissions, call.noteStyle));
    if (!(await agreed(call, name))) {
      await call.note(
        `It does not run: it asks for more. Allow it: datmo plugin grant ${plain(name)} --asked`,
      );
      return false;
    }
  }
  work.allowed = asks;
  if (state !== "ready" || work.all)
    await call.request("plugin.grant", { name, asked: true, ...(work.all ? { all: true } : {}) });
  return true;
}

async function agreed(call: Call, name: string): Promise<boolean> {
  if (!canAsk(call)) return false;
  const prompt = openPrompter(call);
  const yes = await prompt.yes(`Allow ${plain(name)} this, for this project, while you change it?`);
  prompt.close();
  return yes;
}

function covers(allowed: PluginPermissions, asks: PluginPermissions): boolean {
  const pairs = Object.entries(asks) as [keyof PluginPermissions, readonly string[]][];
  return pairs.every(([kind, values]) => values.every((value) => allowed[kind]?.includes(value)));
}

async function told(call: Call, error: unknown): Promise<void> {
  const ends = ["PROJECT_NOT_FOUND", "DIRECTORY_NOT_FOUND", "ENGINE_GONE"];
  if (!isDatmoError(error) || ends.includes(error.kind)) throw error;
  await call.note(`${call.noteStyle.red("error:")} ${plain(error.message)}`);
}

function printed(text: string): string {
  return text.split("\n").map(plain).join("\n");
}
