/* A page of the composition root: what is read and written for other tools. */
import { builtinExporters } from "./builtin/exporters/exporters.ts";
import { builtinImporters } from "./builtin/importers/importers.ts";
import type { OpenProject } from "./services/project/open-project.ts";

export function builtinParts(): Pick<OpenProject, "importers" | "exporters"> {
  const openDatabase: Parameters<typeof builtinImporters>[0] = async (path) =>
    (await import("./store/db/foreign-database.ts")).openForeignDatabase(path);
  return { importers: builtinImporters(openDatabase), exporters: builtinExporters() };
}
