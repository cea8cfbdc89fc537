import type { PluginTestOutcome } from "../../protocol/types.ts";
import type { PluginContent } from "./plugins.ts";

/** Name of the folder of the SDK's sources in a plugin's own; it is no part of the plugin. */
export const SDK_FOLDER = ".datmo-sdk";

/** What those need who write plugins. */
export interface PluginKit {
  /** The SDK's sources with the types of the protocol, by path in `SDK_FOLDER`. */
  sdk(): Promise<ReadonlyMap<string, string>>;
  /**
   * Deno's type check, and the tests of its own, in a copy of its files in `directory`, which is empty. The tests may
   * read these files, and nothing else. Throws DENO_NOT_FOUND and CANCELLED.
   */
  examine(
    content: PluginContent,
    directory: string,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly PluginTestOutcome[]>;
}
