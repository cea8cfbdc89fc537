import { errors } from "../../protocol/errors.ts";
import { findProvider, namesProvided } from "../plugins/providers.ts";
import type { Exporter } from "../ports/exporters.ts";
import type { OpenProject } from "../project/open-project.ts";
import { pluginExporter } from "./plugin-exporter.ts";

const KIND = "exporter";

/** The exporter of a name; built-in ones come first. Throws EXPORT_FORMAT_UNKNOWN and PLUGIN_NOT_GRANTED. */
export async function chooseExporter(project: OpenProject, format: string): Promise<Exporter> {
  const builtIn = project.exporters.find(({ name }) => name === format);
  if (builtIn) return builtIn;
  const provider = await findProvider(project, KIND, format);
  if (provider) return pluginExporter(project, provider);
  const known = [...project.exporters.map(({ name }) => name), ...(await namesProvided(project, KIND))];
  throw errors.EXPORT_FORMAT_UNKNOWN({ format, known: known.join(", ") });
}
