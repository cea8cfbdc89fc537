import { basename } from "node:path";
import type { Project } from "../../protocol/types.ts";
import { findProjectRoot } from "../../util/project-root.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { canAsk, openPrompter } from "../prompt.ts";
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
    const directory = call.projectDirectory;
    const answers = options.force || !canAsk(call) ? options : await askFor(call, directory, options);
    const { name, description } = answers;
    const result = await call.request("project.create", {
      directory,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    });
    const { project, created } = result;
    await call.answer(result, () => projectText(call, project));
    if (!call.json) {
      await call.note(
        created ? "Created. Next: datmo run COMMAND" : "There was a project here; it is up to date.",
      );
    }
    return 0;
  },
};

/** What was not given is asked for; what is there is the default. */
async function askFor(call: Call, directory: string, { name, description }: Options): Promise<Options> {
  const known =
    (await findProjectRoot(directory)) === directory
      ? (await call.request("project.get", {})).project
      : undefined;
  const prompter = openPrompter(call);
  try {
    return {
      name: name ?? (await prompter.text("Name of the project", known?.name ?? basename(directory))),
      description: description ?? (await prompter.text("What is it about", known?.description ?? "")),
    };
  } finally {
    prompter.close();
  }
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
