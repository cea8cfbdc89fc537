import type { CommandModule } from "../command-module.ts";
import { count, shortId } from "../render/text.ts";

interface Options {
  readonly force?: boolean;
  readonly images?: boolean;
}

export const environmentDelete: CommandModule = {
  define(command) {
    command
      .argument("<environment...>", "names, ids or unique beginnings of ids")
      .option("--force", "also those that runs or snapshots used")
      .option("--images", "remove their images from the container engine as well");
  },
  async run(call) {
    const { force, images } = call.options<Options>();
    const result = await call.request("environment.delete", {
      ids: call.args,
      ...(force ? { force } : {}),
      ...(images ? { images } : {}),
    });
    await call.answer(result, () => {
      const removed = result.images.length > 0 ? `, and ${count(result.images.length, "image")}` : "";
      return `Deleted ${count(result.ids.length, "environment")}: ${result.ids.map(shortId).join(" ")}${removed}`;
    });
    return 0;
  },
};
