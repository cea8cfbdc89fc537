import { version } from "../../util/version.ts";
import type { CommandModule } from "../command-module.ts";

export const printVersion: CommandModule = {
  define() {},
  async run(call) {
    await call.answer({ name: "datmo", version }, () => `datmo ${version}`);
    return 0;
  },
};
