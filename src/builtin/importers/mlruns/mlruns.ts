import { errors } from "../../../protocol/errors.ts";
import type { Importer } from "../../../services/ports/importers.ts";
import { filePages, storeAt } from "./file-store.ts";

const NAME = "mlruns";

/** Runs of MLflow, from its folders of files. */
export const mlruns: Importer = {
  name: NAME,
  async detect(path) {
    return storeAt(path) !== undefined;
  },
  async *pages(path) {
    const runs = storeAt(path);
    if (!runs) {
      const reason = "there is no experiment of MLflow in it (a folder with a meta.yaml)";
      throw errors.IMPORT_SOURCE_INVALID({ path, format: NAME, reason });
    }
    yield* filePages(runs);
  },
};
