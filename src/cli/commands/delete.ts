import type { CommandModule } from "../command-module.ts";
import { count, shortId } from "../render/text.ts";

export const deleteRuns: CommandModule = {
  define(command) {
    command.argument("<run...>", "ids, names or unique beginnings of ids");
  },
  async run(call) {
    const result = await call.request("run.delete", { ids: call.args });
    const first = shortId(result.ids[0] ?? "");
    await call.answer(
      result,
      () => `Deleted ${count(result.ids.length, "run")}: ${result.ids.map(shortId).join(" ")}`,
    );
    if (!call.json)
      await call.note(`Bring back with: datmo undelete ${first}${result.ids.length > 1 ? " …" : ""}`);
    return 0;
  },
};

export const undeleteRuns: CommandModule = {
  define(command) {
    command.argument("<run...>", "ids or unique beginnings of ids");
  },
  async run(call) {
    const result = await call.request("run.undelete", { ids: call.args });
    await call.answer(
      result,
      () => `Brought back ${count(result.ids.length, "run")}: ${result.ids.map(shortId).join(" ")}`,
    );
    return 0;
  },
};
