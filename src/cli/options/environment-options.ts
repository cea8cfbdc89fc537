import type { CommandModule } from "../command-module.ts";

/** The first datmo's spellings of the options that environment commands share. */
export const environmentAliases: CommandModule["aliases"] = {
  "--paths": "--path",
  "--environment-paths": "--path",
  "--environment-type": "--type",
  "--environment-framework": "--framework",
  "--environment-language": "--language",
};
