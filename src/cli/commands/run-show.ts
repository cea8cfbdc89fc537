import type { DataSource, Run, RunGetResult } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { paintStatus } from "../list/run-columns.ts";
import { fieldsText, sectionText } from "../render/fields.ts";
import { gpuKind } from "../render/gpu.ts";
import { systemLines } from "../render/system-metrics.ts";
import { bytesText, commandText, count, flatten, pairText, plain, shortId } from "../render/text.ts";
import { durationText, timeText } from "../render/times.ts";
import type { Style } from "../style.ts";

export const runShow: CommandModule = {
  define(command) {
    command.argument("<run>", "id, name or unique beginning of an id");
  },
  async run(call) {
    const result = await call.request("run.get", { id: call.args[0] ?? "" });
    await call.answer(result, () => runText(result, call.style));
    return 0;
  },
};

function runText(result: RunGetResult, style: Style): string {
  const { run, files } = result;
  const sections = [
    fieldsText(headFields(result, style), style),
    sectionText("Config", flatten(run.config).map(pairText), style),
    sectionText("Metrics", flatten(run.metrics).map(pairText), style),
    sectionText("Used of the machine", systemLines(run.system), style),
    sectionText("Summary", flatten(run.summary ?? {}).map(pairText), style),
    sectionText(
      "Files",
      files.map(({ path, bytes }) => `${plain(path)} (${bytesText(bytes)})`),
      style,
    ),
    sectionText("Not captured", (run.notCaptured ?? []).map(plain), style),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function headFields(result: RunGetResult, style: Style): [string, string | undefined][] {
  const { run, machine, userGit, taskDirectory } = result;
  const exit = run.exitCode === undefined ? "" : `, exit code ${run.exitCode}`;
  const machineText =
    machine &&
    `${machine.host}: ${machine.os}, ${count(machine.cpus, "CPU")}, ${bytesText(machine.memoryBytes)} memory`;
  return [
    ["Id", run.id],
    ["Name", plain(run.name)],
    [
      "Status",
      `${paintStatus(style, run.status, run.status)}${exit}${run.outOfMemory ? ", memory ran out" : ""}${run.deleted ? ", deleted" : ""}`,
    ],
    ["Error", run.error && plain(`${run.error.kind}: ${run.error.message}`)],
    ["Command", commandText(run.command)],
    ["Directory", run.directory],
    ["Type", run.type],
    ["Origin", run.origin + (run.isolated ? ", in an isolated copy" : "")],
    ["From", run.from && plain(run.from)],
    ["Rerun of", run.rerunOf],
    ["Tags", run.tags.map(plain).join(" ")],
    ["Group", run.group && plain(run.group)],
    ["Note", run.note && plain(run.note)],
    ["Created", timeText(run.createdAt)],
    ["Started", run.startedAt && timeText(run.startedAt)],
    ["Ended", run.endedAt && timeText(run.endedAt)],
    ["Duration", run.durationMs === undefined ? undefined : durationText(run.durationMs)],
    ["Driver", run.driver],
    ["Task", run.taskId],
    ["Environment", environmentText(run)],
    ["Image", run.image && plain([run.image.id, ...run.image.digests].join(" "))],
    ["Container", run.container?.id],
    ["Limits", limitsText(run)],
    ["Ports", portsText(run)],
    ["Data", run.data?.map(dataText).join(", ")],
    ["Before", run.beforeSnapshotId],
    ["Parser", parserText(run)],
    ["After", run.afterSnapshotId && `${run.afterSnapshotId}${run.late ? " (taken late)" : ""}`],
    ["Machine", machineText && plain(machineText)],
    ["GPUs", gpusText(result)],
    [
      "Git",
      userGit && plain([shortId(userGit.commit), userGit.branch, userGit.remote].filter(Boolean).join(" ")),
    ],
    ["Folder", taskDirectory],
  ];
}

function environmentText({ environment, environmentId }: Run): string | undefined {
  if (environment === undefined) return environmentId;
  const { name, kind, reason } = environment;
  const known = kind === "host" ? name : `${name} (${kind}, ${shortId(environmentId ?? "")})`;
  return plain(`${known}: ${reason}`);
}

function limitsText({ memoryBytes, cpus, gpu }: Run): string | undefined {
  const limits = [
    memoryBytes === undefined ? undefined : `${bytesText(memoryBytes)} memory`,
    cpus === undefined ? undefined : count(cpus, "CPU"),
    gpu === undefined ? undefined : `GPUs: ${plain(gpu)}`,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : limits.join(", ");
}

function portsText({ container, ports }: Run): string | undefined {
  const shown = container?.ports ?? ports;
  return shown?.map((port) => `127.0.0.1:${port.host} → ${port.container}`).join(", ");
}

function dataText({ source, name, readOnly }: DataSource): string {
  return plain(`${source}${name === undefined ? "" : ` as ${name}`}${readOnly ? " (read-only)" : ""}`);
}

/** What its container saw, else what the machine has. */
/** Only where it is not the built-in one. */
function parserText({ parser, parserProblem }: Run): string | undefined {
  if (parserProblem === undefined) return parser;
  return `${parser ?? ""} (given up: ${plain(parserProblem)})`.trim();
}

function gpusText({ run, machine }: RunGetResult): string | undefined {
  const gpus = run.container?.gpus ?? machine?.gpus;
  if (!gpus) return undefined;
  const counts = new Map<string, number>();
  for (const gpu of gpus) counts.set(gpuKind(gpu), (counts.get(gpuKind(gpu)) ?? 0) + 1);
  return [...counts].map(([kind, number]) => (number > 1 ? `${number} × ${kind}` : kind)).join(", ");
}
