import { errors } from "../../protocol/errors.ts";
import type { ProjectDeleteResult } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT } from "../exit-codes.ts";
import { canAsk, openPrompter } from "../prompt.ts";
import { bytesText, count, plain } from "../render/text.ts";

interface Options {
  readonly yes?: boolean;
}

export const cleanup: CommandModule = {
  define(command) {
    command.option("-y, --yes", "do not ask");
  },
  async run(call) {
    const { yes } = call.options<Options>();
    if (!yes && call.json) {
      const summary = "cleanup --json asks nothing, so it needs --yes.";
      throw errors.INVALID_PARAMS({ summary, problems: [] });
    }
    const { project } = await call.request("project.get", {});
    const question = `Remove every run and snapshot of "${plain(project.name)}" in ${project.directory}?`;
    if (!yes && !(await confirmed(call, question))) {
      await call.note(
        `Nothing was removed.${canAsk(call) ? "" : " Add --yes to remove without being asked."}`,
      );
      return EXIT.refused;
    }
    const result = await call.request("project.delete", { confirm: project.id });
    await call.answer(
      result,
      () =>
        `Removed ${bytesText(result.bytes)} of records from ${result.directory}${containersText(result)}; your own files are untouched.`,
    );
    return EXIT.ok;
  },
};

function containersText({ images = 0, containers = 0 }: ProjectDeleteResult): string {
  const parts = [
    ...(containers > 0 ? [count(containers, "container")] : []),
    ...(images > 0 ? [count(images, "image")] : []),
  ];
  return parts.length === 0 ? "" : ` and ${parts.join(" and ")}`;
}

async function confirmed(call: Call, question: string): Promise<boolean> {
  if (!canAsk(call)) return false;
  const prompter = openPrompter(call);
  try {
    return await prompter.yes(question);
  } finally {
    prompter.close();
  }
}
