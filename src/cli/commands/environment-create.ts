import { resolve } from "node:path";
import { Option } from "commander";
import type { EnvironmentCreateResult } from "../../protocol/types.ts";
import type { CommandModule } from "../command-module.ts";
import { environmentAliases } from "../options/environment-options.ts";
import { collect } from "../options/values.ts";
import { environmentLine } from "../render/environment-line.ts";
import { plain } from "../render/text.ts";

interface Options {
  readonly path?: readonly string[];
  readonly image?: string;
  readonly kind?: "docker" | "venv";
  readonly python?: string;
  readonly name?: string;
  readonly description?: string;
}

export const environmentCreate: CommandModule = {
  aliases: environmentAliases,
  define(command) {
    command
      .option("--path <src[>name]>", "a file or folder of its definition (repeatable)", collect)
      .option("--image <image>", "an image that is there already")
      .addOption(new Option("--kind <kind>", "where the files allow both").choices(["docker", "venv"]))
      .option("--python <version>", "version of Python for a venv or a generated Dockerfile: 3.12")
      .option("-n, --name <name>", "name of the environment")
      .option("-d, --description <text>", "what it is for");
  },
  async run(call) {
    const { path, image, kind, python, name, description } = call.options<Options>();
    const result = await call.request("environment.create", {
      ...(path === undefined ? {} : { paths: path.map((spec) => absolute(spec, call.host.directory)) }),
      ...(image === undefined ? {} : { image }),
      ...(kind === undefined ? {} : { kind }),
      ...(python === undefined ? {} : { python }),
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    });
    await call.answer(result, () => environmentLine(result.environment, call.style));
    if (call.json) return 0;
    for (const note of result.notes) await call.note(plain(note));
    await call.note(outcome(result));
    return 0;
  },
};

const SOURCES: Readonly<Record<string, string>> = {
  paths: "the files given",
  image: "the image",
  folder: "datmo_environment/",
  dockerfile: "the Dockerfile",
  requirements: "the packages that the project's scripts import",
};

function outcome({ created, source, environment }: EnvironmentCreateResult): string {
  const from = SOURCES[source] ?? plain(source);
  const made = created ? `Made from ${from}.` : `Nothing has changed in ${from}: this environment was there.`;
  return source === "folder" ? made : `${made} Use it: datmo environment use ${plain(environment.name)}`;
}

/** `SRC` or `SRC>NAME`, the source seen from the folder one stands in. */
function absolute(spec: string, directory: string): string {
  const [source = "", ...name] = spec.split(">");
  return source.trim() === "" ? spec : [resolve(directory, source.trim()), ...name].join(">");
}
