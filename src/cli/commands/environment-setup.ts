import { Option } from "commander";
import type { CommandModule } from "../command-module.ts";
import { askForSetup, type SetupChoice } from "../environment-setup.ts";
import { environmentAliases } from "../options/environment-options.ts";
import { canAsk, openPrompter } from "../prompt.ts";
import { environmentLine } from "../render/environment-line.ts";
import { plain } from "../render/text.ts";

interface Options extends SetupChoice {
  readonly name?: string;
  readonly force?: boolean;
  readonly kind?: "docker" | "venv";
}

export const environmentSetup: CommandModule = {
  aliases: environmentAliases,
  define(command) {
    command
      .option(
        "--framework <name>",
        "what is to be in it: python-base, pytorch, r-base, …; requirements: what the scripts import",
      )
      .addOption(
        new Option("--kind <kind>", "what is made of the requirements: docker, or a venv").choices([
          "docker",
          "venv",
        ]),
      )
      .option("--type <type>", "cpu or gpu")
      .option("--language <language>", "language and version: py313, r45")
      .option("-n, --name <name>", "name of the environment")
      .option(
        "-f, --force",
        "ask nothing, and replace files in datmo_environment/ that no environment holds",
      );
  },
  async run(call) {
    const { name, force, framework, type, language, kind } = call.options<Options>();
    const given = {
      ...(framework ? { framework } : {}),
      ...(type ? { type } : {}),
      ...(language ? { language } : {}),
    };
    let choice: SetupChoice = given;
    if (Object.keys(given).length === 0 && !force && canAsk(call)) {
      const prompter = openPrompter(call);
      try {
        choice = await askForSetup(call, prompter);
      } finally {
        prompter.close();
      }
    }
    const result = await call.request("environment.setup", {
      ...choice,
      ...(name === undefined ? {} : { name }),
      ...(kind === undefined ? {} : { kind }),
      ...(force ? { force } : {}),
    });
    await call.answer(result, () => environmentLine(result.environment, call.style));
    if (call.json) return 0;
    for (const note of result.notes ?? []) await call.note(plain(note));
    await call.note(`Wrote ${result.written.join(", ")}. Runs use it from now on.`);
    await call.note("Add packages there, then: datmo environment build");
    return 0;
  },
};
