import type { Exporter, Exporting, ExportTarget } from "../../services/ports/exporters.ts";

type Open = (target: ExportTarget) => Exporting;

/** Those that are part of datmo; the code of each is loaded when it is used. */
export function builtinExporters(): readonly Exporter[] {
  return [
    lazy("mlruns", async () => (await import("./mlruns.ts")).openMlruns),
    lazy("tfevents", async () => (await import("./tfevents.ts")).openTfevents),
    lazy("dvclive", async () => (await import("./dvclive.ts")).openDvclive),
    lazy("csv", async () => (await import("./csv.ts")).openCsv),
    lazy("parquet", async () => (await import("./parquet.ts")).openParquet),
  ];
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
