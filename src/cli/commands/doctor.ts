import type { ProjectDoctorResult, ToolFact } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { fieldsText, sectionText } from "../render/fields.ts";
import { gpuText } from "../render/gpu.ts";
import { plain } from "../render/text.ts";
import type { Style } from "../style.ts";

export const doctor: CommandModule = {
  define() {},
  async run(call) {
    const result = await call.request("project.doctor", {});
    await call.answer(result, () => doctorText(result, call.style));
    return 0;
  },
};

function doctorText(
  { engine, tools, gpus = [], project, problems }: ProjectDoctorResult,
  style: Style,
): string {
  const width = Math.max(0, ...tools.map(({ name }) => name.length));
  const sections = [
    fieldsText(
      [
        ["Engine", `${engine.name} ${engine.version}`],
        [
          "Project",
          project ? `${plain(project.name)} in ${project.directory}` : "none here: datmo init creates one",
        ],
      ],
      style,
    ),
    sectionText(
      "Tools",
      tools.flatMap((tool) => toolLines(tool, width, style)),
      style,
    ),
    sectionText("GPUs", gpus.map(gpuText), style),
    sectionText(
      "Problems",
      problems.map(({ kind, message }) => `${style.red(kind)}  ${plain(message)}`),
      style,
    ),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function toolLines(
  { name, found, version, path, problem, howToGet }: ToolFact,
  width: number,
  style: Style,
): string[] {
  const mark = found ? style.green("found  ") : style.yellow("missing");
  const facts = [version, path, problem].filter((fact) => fact !== undefined).map((fact) => plain(fact));
  const line = `${mark}  ${name.padEnd(width)}  ${facts.join("  ")}`.trimEnd();
  return howToGet === undefined ? [line] : [line, `${" ".repeat(9 + width)}  ${style.dim(plain(howToGet))}`];
}
