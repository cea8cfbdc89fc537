import type { FileEntry, SnapshotGetResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { fieldsText, sectionText } from "../render/fields.ts";
import { pointerLines, skippedLine } from "../render/pointers.ts";
import { bytesText, count, flatten, pairText, plain } from "../render/text.ts";
import { timeText } from "../render/times.ts";
import type { Style } from "../style.ts";

interface Options {
  readonly packages?: boolean;
  readonly verify?: boolean;
}

export const snapshotInspect: CommandModule = {
  define(command) {
    command
      .argument("<snapshot>", "id, label or unique beginning of an id")
      .option("--packages", "list its packages as well")
      .option("--verify", "read the files that its pointers name, however big they are");
  },
  async run(call) {
    const { packages, verify } = call.options<Options>();
    const interrupt = abortOnSignal(call.host);
    try {
      const params = { id: call.args[0] ?? "", ...(verify ? { verify } : {}) };
      const result = await call.request("snapshot.get", params, {
        signal: interrupt.signal,
        progress: true,
      });
      await call.answer(result, () => snapshotText(result, call.style, packages === true));
    } finally {
      interrupt.end();
    }
    return 0;
  },
};

function snapshotText(
  { snapshot, environment, codeFiles, codeBytes, pointers, unstable, skipped }: SnapshotGetResult,
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
      files.map((file) => fileLine(file, style)),
      style,
    ),
    sectionText("Pointers", pointerLines(pointers, style), style),
    sectionText("Changed while they were taken", unstable.map(plain), style),
    sectionText("Could not be taken", skipped.map(skippedLine), style),
    sectionText(
      "Packages",
      packages.map(({ name, version }) => `${plain(name)} ${plain(version)}`),
      style,
    ),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/** Its name, its size, and where a checkout brings it. */
function fileLine({ path, bytes, source }: FileEntry, style: Style): string {
  const place =
    source === undefined ? "from outside the project" : source === path ? "" : `from ${plain(source)}`;
  return `${plain(path)} (${bytesText(bytes)})${place === "" ? "" : style.dim(`  ${place}`)}`;
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
