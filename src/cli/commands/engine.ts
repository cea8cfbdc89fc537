import { errors } from "../../protocol/errors.ts";
import type { CommandModule } from "../command-module.ts";

interface Options {
  readonly stdio?: boolean;
}

export const engine: CommandModule = {
  define(command) {
    command.option("--stdio", "speak the protocol on standard input and output");
  },
  async run(call) {
    if (!call.options<Options>().stdio) {
      const summary = "Say how to reach the engine.";
      throw errors.INVALID_PARAMS({ summary, problems: [] }, { hint: "Add --stdio." });
    }
    return call.host.serveStdio();
  },
};
