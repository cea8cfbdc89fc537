import { statSync } from "node:fs";
import { join } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type { ForeignDatabase, OpenForeignDatabase } from "../../../services/ports/foreign-databases.ts";
import type { Importer } from "../../../services/ports/importers.ts";
import { isFolder } from "../file-lists.ts";
import { databasePages, isMlflow } from "./database.ts";
import { filePages, storeAt } from "./file-store.ts";

const NAME = "mlruns";

/** Runs of MLflow, from its folders of files and its SQLite databases. */
export function createMlruns(openDatabase: OpenForeignDatabase): Importer {
  return {
    name: NAME,
    async detect(path) {
      if (storeAt(path) !== undefined) return true;
      for (const file of databasesAt(path)) {
        const database = await openDatabase(file).catch(() => undefined);
        const found = database !== undefined && isMlflow(database);
        database?.close();
        if (found) return true;
      }
      return false;
    },
    async *pages(path) {
      const runs = storeAt(path);
      const databases = databasesAt(path);
      if (!runs && databases.length === 0) {
        const reason = "there is no experiment of MLflow in it: no folder with a meta.yaml, no mlflow.db";
        throw errors.IMPORT_SOURCE_INVALID({ path, format: NAME, reason });
      }
      if (runs) yield* filePages(runs);
      for (const file of databases) {
        const database = await openMlflow(openDatabase, file);
        try {
          yield* databasePages(database, file);
        } catch (error) {
          throw invalid(file, error);
        } finally {
          database.close();
        }
      }
    },
  };
}

async function openMlflow(openDatabase: OpenForeignDatabase, path: string): Promise<ForeignDatabase> {
  const database = await openDatabase(path).catch((error: unknown) => {
    throw invalid(path, error);
  });
  if (isMlflow(database)) return database;
  database.close();
  throw invalid(path, new Error("it has no tables of MLflow"));
}

function invalid(path: string, error: unknown): Error {
  return errors.IMPORT_SOURCE_INVALID({ path, format: NAME, reason: (error as Error).message });
}

const DATABASES = ["mlflow.db", "mlruns.db"];

function databasesAt(path: string): string[] {
  if (isFolder(path)) return DATABASES.map((name) => join(path, name)).filter(isFile);
  return isFile(path) ? [path] : [];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
