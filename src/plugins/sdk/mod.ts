/* What a plugin imports as "datmo-plugin". Runs in Deno; nothing of Node or of the engine is in here. */
import type { PluginDefinition } from "./types.ts";

export type { DriverFile, DriverState, DriverTask, PluginDriver } from "./kinds/driver.ts";
export type { EnvironmentCatalogue, EnvironmentChoice } from "./kinds/environment.ts";
export type {
  Answerable,
  CallContext,
  CommandParams,
  Datmo,
  EngineMethod,
  ExportedFile,
  ExportedPoints,
  ExportedRun,
  ExportPiece,
  FoundPoint,
  FoundPoints,
  HookEventName,
  HookEvents,
  OutputReading,
  ParsedRun,
  PluginCommand,
  PluginDefinition,
  PluginExport,
  PluginExporter,
  PluginHook,
  PluginParser,
} from "./types.ts";
export { DatmoError } from "./types.ts";

/** Says what a plugin does: `export default definePlugin({…})` in its main file. */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return definition;
}
