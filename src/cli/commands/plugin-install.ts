import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { permissionsText } from "../render/plugin-text.ts";
import { plain } from "../render/text.ts";

export const pluginInstall: CommandModule = {
  define(command) {
    command.argument("<dir>", "folder with datmo-plugin.json");
  },
  async run(call) {
    const directory = call.args[0] as string;
    const result = await call.request("plugin.install", { directory });
    const { plugin, replaced } = result;
    if (!call.json) await call.print(await asked(call, plugin.name));
    const name = plain(plugin.name);
    await call.answer(
      result,
      () => `${replaced ? "Replaced" : "Installed"} ${name} ${plain(plugin.version)}.`,
    );
    if (plugin.state !== "ready") {
      await call.note(
        `It does not run yet. Allow what it asks for: datmo plugin grant ${name} --asked (or parts of it)`,
      );
    }
    const shadowed = plugin.provides.filter(
      (it) => it.kind === "command" && call.root.children?.some((child) => child.name === it.name),
    );
    for (const { name: command } of shadowed) {
      await call.note(
        `\`datmo ${command}\` is a command of datmo's own; the plugin's is: datmo plugin call ${name} ${command}`,
      );
    }
    return 0;
  },
};

async function asked(call: Call, name: string): Promise<string> {
  const { plugin, permissions } = await call.request("plugin.get", { name });
  return permissionsText(plugin, permissions, call.style);
}
