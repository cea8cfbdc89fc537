import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { MetricValue, Points } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { metricsOf, metricsOfObject } from "../options/assignments.ts";
import { integerOption } from "../options/values.ts";

interface Options {
  readonly step?: number;
  readonly run?: string;
  readonly file?: string;
}

export const log: CommandModule = {
  aliases: { "--run-id": "--run" },
  define(command) {
    command
      .argument("[name=number...]", "metrics, such as loss=0.25")
      .option("--step <n>", "step of the values (0 when not given)", integerOption)
      .option("--run <run>", "a recorded run; inside a run it is that run")
      .option("--file <file>", "take them from a JSON object in a file; nested names are joined by dots");
  },
  async run(call) {
    const { step = 0, run, file } = call.options<Options>();
    const metrics = {
      ...(file === undefined ? {} : await metricsInFile(call, file)),
      ...metricsOf(call.args),
    };
    const names = Object.keys(metrics);
    if (names.length === 0) {
      throw invalid("No metric was given.", "Example: datmo log loss=0.25 accuracy=0.9 --step 3");
    }
    const points = pointsOf(metrics, step);
    const result = await (run === undefined ? logInside(call, points) : logTo(call, run, points));
    await call.answer(result, () => "");
    return 0;
  },
};

/** Into the journal of the run around this process: no engine is needed, so it costs next to nothing. */
async function logInside(call: Call, points: Points): Promise<{ points: number }> {
  const { DATMO_TASK_DIR: taskDirectory, DATMO_RUN_ID: runId } = call.host.variables;
  if (!taskDirectory || !runId) {
    throw invalid(
      "There is no run around this command.",
      "Name one with --run, or call it in a script that `datmo run` runs.",
    );
  }
  const { openJournalWriter } = await import("../../client/journal-writer.ts");
  const writer = await openJournalWriter({ taskDirectory });
  await writer.append({ type: "points", points: points as unknown as JsonObject });
  return { points: points.name.length };
}

async function logTo(call: Call, run: string, points: Points): Promise<{ points: number }> {
  const { run: found } = await call.request("run.get", { id: run });
  return call.request("metric.log", { runId: found.id, points });
}

function pointsOf(metrics: Readonly<Record<string, MetricValue>>, step: number): Points {
  const name = Object.keys(metrics);
  const at = Date.now() / 1000;
  return { name, step: name.map(() => step), value: Object.values(metrics), at: name.map(() => at) };
}

async function metricsInFile(call: Call, file: string): Promise<Record<string, MetricValue>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(resolve(call.host.directory, file), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw errors.FILE_NOT_FOUND({ path: file });
    throw invalid(`${file} cannot be read: ${(error as Error).message}.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${file} does not hold a JSON object.`);
  }
  return metricsOfObject(value as JsonObject, file);
}

function invalid(summary: string, hint?: string): Error {
  return errors.INVALID_PARAMS({ summary, problems: [] }, hint === undefined ? {} : { hint });
}
