import type { ImporterPageResult } from "../../../protocol/types.ts";
import type { ImporterPages } from "../types.ts";
import type { Kind } from "./kind.ts";

/** Importers that are being asked for their pages. The engine reads one source at a time. */
const open = new Map<string, AsyncIterator<ImporterPageResult["pieces"]>>();
const MOST_OPEN = 16;
let opened = 0;

export const importer: Kind = {
  provided: ({ importers = {} }) => Object.keys(importers).map((name) => `importer ${name}`),
  answers: ({ importers = {} }, datmo) => ({
    async "importer.detect"({ name, path }) {
      return { matches: (await importers[name]?.detect(path, datmo)) === true };
    },
    async "importer.page"({ name, path, cursor }, context) {
      const key = cursor ?? begin(importers[name]?.pages(path, datmo, context));
      const pages = open.get(key);
      if (!pages) throw new Error("the pages before this one were read by another process; begin again");
      const { done, value } = await pages.next();
      if (!done) return { pieces: value, cursor: key };
      open.delete(key);
      return { pieces: [] };
    },
  }),
};

function begin(pages: ReturnType<ImporterPages> | undefined): string {
  if (!pages) throw new Error("there is no importer of that name");
  // What was read halfway and never asked for again.
  for (const key of open.keys()) {
    if (open.size < MOST_OPEN) break;
    open.delete(key);
  }
  opened++;
  const key = `${opened}-${Math.random().toString(36).slice(2)}`;
  open.set(key, iteratorOf(pages));
  return key;
}

async function* iteratorOf(pages: ReturnType<ImporterPages>): AsyncGenerator<ImporterPageResult["pieces"]> {
  yield* pages;
}
