import { basename } from "node:path";
import type { Project } from "../../protocol/types.ts";
import { findProjectRoot } from "../../util/project-root.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { askForSetup } from "../environment-setup.ts";
import { canAsk, openPrompter, type Prompter } from "../prompt.ts";
import { fieldsText } from "../render/fields.ts";
import { plain } from "../render/text.ts";
import { timeText } from "../render/times.ts";

interface Options {
  readonly name?: string;
  readonly description?: string;
  readonly force?: boolean;
}

export const init: CommandModule = {
  aliases: { "--no-prompt": "--force" },
  define(command) {
    command
      .option("--name <name>", "name of the project (the folder's when not given)")
      .option("--description <text>", "what it is about")
      .option("-f, --force", "ask nothing");
  },
  async run(call) {
    const options = call.options<Options>();
    const prompter = !options.force && canAsk(call) ? openPrompter(call) : undefined;
    try {
      await initialise(call, options, prompter);
    } finally {
      prompter?.close();
    }
    return 0;
  },
};

async function initialise(call: Call, options: Options, prompter: Prompter | undefined): Promise<void> {
  const directory = call.projectDirectory;
  const { name, description } = prompter ? await askFor(call, prompter, directory, options) : options;
  const result = await call.request("project.create", {
    directory,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  });
  const { project, created } = result;
  await call.answer(result, () => projectText(call, project));
  if (call.json) return;
  await call.note(
    created ? "Created. Next: datmo run COMMAND" : "There was a project here; it is up to date.",
  );
  if (prompter && created) await offerEnvironment(call, prompter);
}

/** Without one, code runs on the machine as it is: nobody has to set anything up. */
async function offerEnvironment(call: Call, prompter: Prompter): Promise<void> {
  const question = "Set up an environment now? Without one, code runs on the machine as it is";
  if (!(await prompter.yes(question))) {
    await call.note("Later: datmo environment setup");
    return;
  }
  const { environment, written } = await call.request("environment.setup", await askForSetup(call, prompter));
  await call.note(`Wrote ${written.join(", ")}: environment ${plain(environment.name)}.`);
}

/** What was not given is asked for; what is there is the default. */
async function askFor(
  call: Call,
  prompter: Prompter,
  directory: string,
  { name, description }: Options,
): Promise<Options> {
  const known =
    (await findProjectRoot(directory)) === directory
      ? (await call.request("project.get", {})).project
      : undefined;
  return {
    name: name ?? (await prompter.text("Name of the project", known?.name ?? basename(directory))),
    description: description ?? (await prompter.text("What is it about", known?.description ?? "")),
  };
}

function projectText(call: Call, project: Project): string {
  return fieldsText(
    [
      ["Id", project.id],
      ["Name", plain(project.name)],
      ["Description", plain(project.description)],
      ["Folder", project.directory],
      ["Created", timeText(project.createdAt)],
      ["Updated", timeText(project.updatedAt)],
    ],
    call.style,
  );
}
