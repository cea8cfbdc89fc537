import { errors } from "../../protocol/errors.ts";
import type { CommandModule } from "../command-module.ts";
import { environmentLine } from "../render/environment-line.ts";

interface Options {
  readonly name?: string;
  readonly description?: string;
}

export const environmentUpdate: CommandModule = {
  define(command) {
    command
      .argument("<environment>", "name, id or unique beginning of an id")
      .option("-n, --name <name>", "new name")
      .option("-d, --description <text>", "new description");
  },
  async run(call) {
    const { name, description } = call.options<Options>();
    if (name === undefined && description === undefined) {
      const summary = "Nothing to change was given.";
      throw errors.INVALID_PARAMS({ summary, problems: [] }, { hint: "Give --name or --description." });
    }
    const result = await call.request("environment.update", {
      id: call.args[0] ?? "",
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    });
    await call.answer(result, () => environmentLine(result.environment, call.style));
    return 0;
  },
};
