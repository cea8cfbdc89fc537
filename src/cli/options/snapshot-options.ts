import type { CommandModule } from "../command-module.ts";

/** The first datmo's spellings of the options that snapshot commands share. */
export const snapshotAliases: CommandModule["aliases"] = {
  "--stats": "--metrics",
  "--paths": "--path",
  "--run-id": "--run",
  "--config-filename": "--config-file",
  "--config-filepath": "--config-file",
  "--stats-filename": "--metrics-file",
  "--stats-filepath": "--metrics-file",
  "--environment-id": "--environment",
  "--environment-paths": "--environment-path",
};
