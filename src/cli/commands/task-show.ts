import type { Task, TaskGetResult } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { fieldsText } from "../render/fields.ts";
import { tableText } from "../render/table.ts";
import { commandText, pairsText, plain, shortId } from "../render/text.ts";
import { durationText, timeText } from "../render/times.ts";
import type { Style } from "../style.ts";

export const taskShow: CommandModule = {
  define(command) {
    command.argument("<task>", "id or unique beginning of it");
  },
  async run(call) {
    const result = await call.request("task.get", { id: call.args[0] ?? "" });
    await call.answer(result, () => `${taskText(result.task, call.style)}${runsText(call, result)}`);
    return 0;
  },
};

function runsText(call: Call, { task, runs }: TaskGetResult): string {
  if (runs.length === 0) return "";
  const rows = runs.map((run) => [
    shortId(run.id),
    plain(run.name),
    run.status,
    pairsText(run.config),
    pairsText(run.metrics),
    timeText(run.createdAt),
  ]);
  const columns = [
    { title: "RUN", rigid: true },
    ...["NAME", "STATUS", "CONFIG", "METRICS"].map((title) => ({ title })),
    { title: "CREATED", rigid: true },
  ];
  const older = (task.runs ?? 0) > runs.length ? `\nand ${(task.runs ?? 0) - runs.length} older` : "";
  return `\n\n${tableText(columns, rows, { width: call.stdout.columns, style: call.style })}${older}`;
}

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
      ["Runs", task.runs === undefined ? undefined : String(task.runs)],
      ["Created", timeText(task.createdAt)],
    ],
    style,
  );
}
