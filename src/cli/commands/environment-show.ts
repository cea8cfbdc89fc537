import type { BuildFacts, EnvironmentGetResult } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { buildText } from "../render/environment-line.ts";
import { fieldsText, sectionText } from "../render/fields.ts";
import { bytesText, commandText, count, plain, shortId } from "../render/text.ts";
import { timeText } from "../render/times.ts";
import type { Style } from "../style.ts";

interface Options {
  readonly packages?: boolean;
  readonly text?: boolean;
}

export const environmentShow: CommandModule = {
  define(command) {
    command
      .argument("[environment]", "name, id or unique beginning of an id (the active one when not given)")
      .option("--packages", "list its packages as well")
      .option("--text", "print its files as well");
  },
  async run(call) {
    const id = call.args[0] ?? (await call.request("environment.list", {})).items.find((it) => it.active)?.id;
    const result = await call.request("environment.get", { id: id ?? "host" });
    await call.answer(result, () => environmentText(result, call.style, call.options<Options>()));
    return 0;
  },
};

function environmentText(result: EnvironmentGetResult, style: Style, { packages, text }: Options): string {
  const { environment, files, builds } = result;
  const [newest] = builds;
  const chosen = [environment.framework, environment.type, environment.language].filter(Boolean);
  const sections = [
    fieldsText(
      [
        ["Id", environment.id],
        [
          "Name",
          `${style.bold(plain(environment.name))}${environment.active ? ` ${style.green("(active)")}` : ""}`,
        ],
        ["Kind", plain(environment.kind)],
        ["Description", plain(environment.description)],
        ["From the catalogue", chosen.map((word) => plain(word ?? "")).join(", ")],
        ["Image", environment.image && plain(environment.image)],
        ["Python", environment.python && plain(environment.python)],
        ["Created", environment.kind === "host" ? undefined : timeText(environment.createdAt)],
        ["Packages", result.packages.length > 0 ? String(result.packages.length) : undefined],
        ["Used by", usedText(result)],
        ...(newest ? buildFields(newest) : []),
      ],
      style,
    ),
    sectionText(
      "Files",
      files.map(({ path, bytes }) => `${plain(path)} (${bytesText(bytes)})`),
      style,
    ),
    ...(text ? files.map((file) => fileText(file, style)) : []),
    sectionText(
      "Packages",
      packages ? result.packages.map(({ name, version }) => `${plain(name)} ${plain(version)}`) : [],
      style,
    ),
    sectionText(
      "Runs",
      result.runs.map(
        (run) => `${shortId(run.id)}  ${plain(run.name)}  ${run.status}  ${commandText(run.command)}`,
      ),
      style,
    ),
    sectionText(
      "Earlier builds",
      builds.slice(1).map((build) => `${timeText(build.at)}  ${plain(build.host)}  ${buildText(build)}`),
      style,
    ),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function usedText({ runCount, snapshotCount }: EnvironmentGetResult): string {
  return `${count(runCount, "run")}, ${count(snapshotCount, "snapshot")}`;
}

function buildFields(build: BuildFacts): [name: string, value: string | undefined][] {
  return [
    ["Built", `${timeText(build.at)} on ${plain(build.host)} by ${plain(build.engine)}`],
    ["Image id", build.imageId],
    ["Digest", build.digests.map(plain).join(", ")],
    ["Base images", build.bases.map(plain).join(", ")],
    ["Venv", build.venvKey],
    ["Platform", plain(build.platform)],
    ["Size", build.bytes === undefined ? undefined : bytesText(build.bytes)],
    ["Python inside", build.python && plain(build.python)],
    ["R inside", build.r && plain(build.r)],
  ];
}

/** Line by line, since what was written elsewhere must not steer the terminal. */
function fileText({ path, text }: EnvironmentGetResult["files"][number], style: Style): string {
  if (text === undefined) return "";
  const lines = text.replace(/\n$/, "").split("\n");
  return sectionText(
    plain(path),
    lines.map((line) => plain(line)),
    style,
  );
}
