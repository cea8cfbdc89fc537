import type { BuiltinPlugin } from "../services/ports/builtin-plugins.ts";
import { EXPORTER_PLUGINS } from "./exporters/exporters.ts";
import { IMPORTER_PLUGINS } from "./importers/importers.ts";

/*
 * Every plugin that is part of datmo, for `plugin ls` and `plugin show`. Each kind's folder here exports what it has
 * (`importers/mlruns.ts` the entry beside the code); only these descriptions are loaded to list them, so what they
 * are carried out by must be imported lazily.
 */

/** By name. A name, and what is provided under a name, is nobody else's. */
export const BUILTIN_PLUGINS: readonly BuiltinPlugin[] = [
  {
    name: "key-value",
    description: "metrics out of a command's output",
    provides: [
      {
        kind: "parser",
        name: "key-value",
        description: "lines that are nothing but `name: number` or `name = number`",
      },
    ],
    may: {},
  },
  ...EXPORTER_PLUGINS,
  ...IMPORTER_PLUGINS,
];
