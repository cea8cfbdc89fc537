import type { BuiltinPlugin } from "../../services/ports/builtin-plugins.ts";
import type { Exporter, Exporting, ExportTarget } from "../../services/ports/exporters.ts";

type Open = (target: ExportTarget) => Exporting;

interface Entry {
  readonly description: string;
  load(): Promise<Open>;
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  mlruns: {
    description: "writes the folder that MLflow's file store keeps",
    load: async () => (await import("./mlruns.ts")).openMlruns,
  },
  tfevents: {
    description: "writes event files for TensorBoard",
    load: async () => (await import("./tfevents.ts")).openTfevents,
  },
  dvclive: {
    description: "writes what DVCLive leaves",
    load: async () => (await import("./dvclive.ts")).openDvclive,
  },
  csv: {
    description: "writes runs and points as CSV",
    load: async () => (await import("./csv.ts")).openCsv,
  },
  parquet: {
    description: "writes runs and points as Parquet",
    load: async () => (await import("./parquet.ts")).openParquet,
  },
};

/** As `plugin ls` shows them. */
export const EXPORTER_PLUGINS: readonly BuiltinPlugin[] = Object.entries(ENTRIES).map(
  ([name, { description }]) => ({
    name: `export-${name}`,
    description,
    provides: [{ kind: "exporter", name, description }],
    may: { write: ["the folder you name"] },
  }),
);

/** Those that are part of datmo; the code of each is loaded when it is used. */
export function builtinExporters(): readonly Exporter[] {
  return Object.entries(ENTRIES).map(([name, { load }]) => lazy(name, load));
}

function lazy(name: string, load: () => Promise<Open>): Exporter {
  return {
    name,
    open(target) {
      const loaded = load().then((open) => open(target));
      return {
        async *begin() {
          yield* (await loaded).begin();
        },
        async *run(run) {
          yield* (await loaded).run(run);
        },
        async *end() {
          yield* (await loaded).end();
        },
      };
    },
  };
}
