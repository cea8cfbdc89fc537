import { errors } from "../../protocol/errors.ts";
import type { CommandModule } from "../command-module.ts";
import { collect } from "../options/values.ts";
import { commandText, plain, shortId } from "../render/text.ts";

interface Options {
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly untag?: readonly string[];
  readonly note?: string;
  readonly group?: string;
}

export const runUpdate: CommandModule = {
  define(command) {
    command
      .argument("<run>", "id, name or unique beginning of an id")
      .option("--name <name>", "new name")
      .option("--tag <tag>", "add a tag (repeatable)", collect)
      .option("--untag <tag>", "remove a tag (repeatable)", collect)
      .option("--note <text>", "new note; empty removes it")
      .option("--group <group>", "new group; empty removes it");
  },
  async run(call) {
    const { name, tag, untag, note, group } = call.options<Options>();
    const changes = {
      ...(name === undefined ? {} : { name }),
      ...(tag === undefined ? {} : { addTags: tag }),
      ...(untag === undefined ? {} : { removeTags: untag }),
      ...(note === undefined ? {} : { note }),
      ...(group === undefined ? {} : { group }),
    };
    if (Object.keys(changes).length === 0) {
      const summary = "Nothing to change was given.";
      throw errors.INVALID_PARAMS(
        { summary, problems: [] },
        { hint: "Give --name, --tag, --untag, --note or --group." },
      );
    }
    const result = await call.request("run.update", { id: call.args[0] ?? "", ...changes });
    await call.answer(result, () => {
      const { run } = result;
      const tags = run.tags.length === 0 ? "" : ` [${run.tags.map(plain).join(" ")}]`;
      return `run ${shortId(run.id)} ${plain(run.name)}${tags}: ${commandText(run.command)}`;
    });
    return 0;
  },
};
