import type { SnapshotGetResult } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { fieldsText, sectionText } from "../render/fields.ts";
import { bytesText, count, flatten, pairText, plain } from "../render/text.ts";
import { timeText } from "../render/times.ts";
import type { Style } from "../style.ts";

interface Options {
  readonly packages?: boolean;
}

export const snapshotInspect: CommandModule = {
  define(command) {
    command
      .argument("<snapshot>", "id, label or unique beginning of an id")
      .option("--packages", "list its packages as well");
  },
  async run(call) {
    const result = await call.request("snapshot.get", { id: call.args[0] ?? "" });
    await call.answer(result, () =>
      snapshotText(result, call.style, call.options<Options>().packages === true),
    );
    return 0;
  },
};

function snapshotText(
  { snapshot, environment, codeFiles, codeBytes }: SnapshotGetResult,
  style: Style,
  listPackages: boolean,
): string {
  const { config, metrics, files } = snapshot;
  const packages = listPackages ? environment.packages : [];
  const sections = [
    fieldsText(
      [
        ["Id", snapshot.id],
        ["Label", snapshot.label && style.cyan(plain(snapshot.label))],
        ["Message", plain(snapshot.message)],
        [
          "Created",
          `${timeText(snapshot.createdAt)}${snapshot.late ? ", later than the end of its run" : ""}`,
        ],
        ["Made by", snapshot.visible ? "you" : snapshot.runId ? "a run" : "datmo itself"],
        ["Run", snapshot.runId],
        ["Code", `${snapshot.codeId}: ${count(codeFiles, "file")}, ${bytesText(codeBytes)}`],
        ["Environment", `${snapshot.environmentId}: ${environmentText(environment)}`],
      ],
      style,
    ),
    sectionText("Config", flatten(config).map(pairText), style),
    sectionText("Metrics", flatten(metrics).map(pairText), style),
    sectionText(
      "Files",
      files.map(({ path, bytes }) => `${plain(path)} (${bytesText(bytes)})`),
      style,
    ),
    sectionText(
      "Packages",
      packages.map(({ name, version }) => `${plain(name)} ${plain(version)}`),
      style,
    ),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function environmentText({
  kind,
  python,
  r,
  packages,
  definition,
}: SnapshotGetResult["environment"]): string {
  const facts = [
    kind,
    python && `Python ${python}`,
    r && `R ${r}`,
    packages.length > 0 && count(packages.length, "package"),
    definition.length > 0 && definition.map(plain).join(", "),
  ];
  return facts.filter(Boolean).join(", ");
}
