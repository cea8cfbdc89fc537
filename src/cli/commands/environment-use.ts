import { errors } from "../../protocol/errors.ts";
import type { CommandModule } from "../command-module.ts";
import { environmentLine } from "../render/environment-line.ts";
import { plain } from "../render/text.ts";

interface Options {
  readonly clear?: boolean;
}

export const environmentUse: CommandModule = {
  define(command) {
    command
      .argument("[environment]", "name, id or unique beginning of an id; host is the machine as it is")
      .option("--clear", "forget the choice: datmo_environment/ counts again, else the host");
  },
  async run(call) {
    const { clear } = call.options<Options>();
    const [id] = call.args;
    if ((id === undefined) === !clear) {
      const summary =
        id === undefined ? "No environment was given." : "A name and --clear exclude each other.";
      throw errors.INVALID_PARAMS({ summary, problems: [] }, { hint: "Give its name, or --clear." });
    }
    const result = await call.request("environment.use", id === undefined ? {} : { id });
    await call.answer(result, () => environmentLine(result.environment, call.style));
    if (call.json) return 0;
    await call.note(`Runs use ${plain(result.environment.name)} from now on: ${plain(result.reason)}.`);
    if (result.folderDiffers) {
      await call.note(
        "The files in datmo_environment/ are another environment; they count again after: datmo environment use --clear",
      );
    }
    return 0;
  },
};
