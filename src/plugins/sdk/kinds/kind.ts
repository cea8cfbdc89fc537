import type { PluginCall, PluginCallMap } from "../../../protocol/methods.ts";
import type { CallContext, Datmo, PluginDefinition } from "../types.ts";

/** What answers one call of the engine's. */
export type Answer<C extends PluginCall> = (
  params: PluginCallMap[C]["params"],
  context: CallContext,
) => Promise<PluginCallMap[C]["result"]> | PluginCallMap[C]["result"];

export type Answers = { readonly [C in PluginCall]?: Answer<C> };

/** One kind of what plugins provide: how a definition of the plugin's answers the engine. */
export interface Kind {
  /** What of this kind the code provides, as `command NAME`; held against the manifest. */
  provided(plugin: PluginDefinition): string[];
  answers(plugin: PluginDefinition, datmo: Datmo): Answers;
}
