import type { CommandModule } from "../command-module.ts";
import { count } from "../render/text.ts";

export const sync: CommandModule = {
  define(command) {
    command.option("--local", "this project only, as without a word: fold the journal, refresh datmo.sqlite");
  },
  async run(call) {
    const result = await call.request("store.sync", {}, { progress: true });
    await call.answer(result, () => `${result.sqlitePath}: ${count(result.records, "record")}`);
    return 0;
  },
};
