import type { Task } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { fieldsText } from "../render/fields.ts";
import { commandText, plain } from "../render/text.ts";
import { durationText, timeText } from "../render/times.ts";
import type { Style } from "../style.ts";

export const taskShow: CommandModule = {
  define(command) {
    command.argument("<task>", "id or unique beginning of it");
  },
  async run(call) {
    const result = await call.request("task.get", { id: call.args[0] ?? "" });
    await call.answer(result, () => taskText(result.task, call.style));
    return 0;
  },
};

function taskText(task: Task, style: Style): string {
  const variables = Object.entries(task.variables ?? {}).map(
    ([name, value]) => `${plain(name)}=${plain(value)}`,
  );
  return fieldsText(
    [
      ["Id", task.id],
      ["Command", commandText(task.command)],
      ["Directory", task.directory && plain(task.directory)],
      ["Driver", task.driver],
      ["Timeout", task.timeoutMs === undefined ? undefined : durationText(task.timeoutMs)],
      ["Variables", variables.join(" ")],
      ["Interactive", task.interactive ? "yes" : undefined],
      ["Created", timeText(task.createdAt)],
    ],
    style,
  );
}
