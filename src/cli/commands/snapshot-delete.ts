import type { CommandModule } from "../command-module.ts";
import { count, shortId } from "../render/text.ts";

interface Options {
  readonly force?: boolean;
}

export const snapshotDelete: CommandModule = {
  define(command) {
    command
      .argument("<snapshot...>", "ids, labels or unique beginnings of ids")
      .option("--force", "also those that a run needs");
  },
  async run(call) {
    const { force } = call.options<Options>();
    const result = await call.request("snapshot.delete", { ids: call.args, ...(force ? { force } : {}) });
    await call.answer(
      result,
      () => `Deleted ${count(result.ids.length, "snapshot")}: ${result.ids.map(shortId).join(" ")}`,
    );
    return 0;
  },
};
