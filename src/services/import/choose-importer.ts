import { errors } from "../../protocol/errors.ts";
import { findProvider, providersOf } from "../plugins/providers.ts";
import type { Importer } from "../ports/importers.ts";
import type { OpenProject } from "../project/open-project.ts";
import { pluginImporter } from "./plugin-importer.ts";

const KIND = "importer";

/** The importer of a name, else the first that knows what the path is; built-in ones come first. */
export async function chooseImporter(
  project: OpenProject,
  path: string,
  format: string | undefined,
): Promise<Importer> {
  const builtIn = project.importers;
  if (format !== undefined) {
    const found = builtIn.find(({ name }) => name === format);
    if (found) return found;
    const provider = await findProvider(project, KIND, format);
    if (provider) return pluginImporter(project, provider);
    throw errors.IMPORT_FORMAT_UNKNOWN({ format, known: await knownNames(project) });
  }
  for (const importer of builtIn) if (await importer.detect(path)) return importer;
  for (const provider of await providersOf(project, KIND)) {
    const importer = pluginImporter(project, provider);
    if (await importer.detect(path)) return importer;
  }
  throw errors.IMPORT_SOURCE_UNKNOWN({ path, known: await knownNames(project) });
}

async function knownNames(project: OpenProject): Promise<string> {
  const plugins = (await providersOf(project, KIND)).map(({ provides }) => provides.name as string);
  return [...project.importers.map(({ name }) => name), ...plugins].join(", ");
}
