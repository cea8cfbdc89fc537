import type { BuiltinPlugin } from "../../services/ports/builtin-plugins.ts";
import type { OpenForeignDatabase } from "../../services/ports/foreign-databases.ts";
import type { Importer } from "../../services/ports/importers.ts";

interface Entry {
  readonly description: string;
  load(openDatabase: OpenForeignDatabase): Promise<Importer>;
}

/** In the order in which they look at what is to be imported. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  mlruns: {
    description: "runs of MLflow",
    load: async (openDatabase) => (await import("./mlruns/mlruns.ts")).createMlruns(openDatabase),
  },
  tfevents: {
    description: "event files of TensorBoard",
    load: async () => (await import("./tfevents/tfevents.ts")).tfevents,
  },
  wandb: {
    description: "logs of W&B",
    load: async () => (await import("./wandb/wandb.ts")).wandb,
  },
  trackio: {
    description: "projects of Trackio",
    load: async (openDatabase) => (await import("./trackio/trackio.ts")).createTrackio(openDatabase),
  },
  dvclive: {
    description: "folders of DVCLive",
    load: async () => (await import("./dvclive/dvclive.ts")).dvclive,
  },
  datmo: {
    description: "projects of the first datmo (0.0.x)",
    load: async () => (await import("./datmo/datmo.ts")).datmo,
  },
};

/** The importers that are part of datmo; each one's code is loaded when it is first asked something. */
export function builtinImporters(openDatabase: OpenForeignDatabase): readonly Importer[] {
  return Object.entries(ENTRIES).map(([name, { load }]) => ({
    name,
    detect: async (path) => (await load(openDatabase)).detect(path),
    async *pages(path, signal) {
      yield* (await load(openDatabase)).pages(path, signal);
    },
  }));
}

export const IMPORTER_PLUGINS: readonly BuiltinPlugin[] = Object.entries(ENTRIES).map(
  ([name, { description }]) => ({
    name: `import-${name}`,
    description,
    provides: [{ kind: "importer", name, description }],
    may: { read: ["what you name"] },
  }),
);
