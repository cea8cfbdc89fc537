import type { CommandModule } from "../command-module.ts";
import { pluginText } from "../render/plugin-text.ts";

export const pluginShow: CommandModule = {
  define(command) {
    command.argument("<name>", "name of the plugin");
  },
  async run(call) {
    const result = await call.request("plugin.get", { name: call.args[0] as string });
    await call.answer(result, () => pluginText(result, call.style));
    return 0;
  },
};
