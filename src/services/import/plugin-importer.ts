import { metricFromWire } from "../../domain/metric-values.ts";
import { isDatmoError } from "../../protocol/errors.ts";
import type { ImportPiece as WirePiece } from "../../protocol/types.ts";
import { askPlugin } from "../plugins/ask-plugin.ts";
import type { Provider } from "../plugins/providers.ts";
import type { Importer, ImportPiece } from "../ports/importers.ts";
import type { OpenProject } from "../project/open-project.ts";

const DETECT_MS = 5_000;
const PAGE_MS = 120_000;

/** The importer that a plugin provides: asked for one page after the other, so it never runs ahead. */
export function pluginImporter(project: OpenProject, { plugin, provides }: Provider): Importer {
  const name = provides.name as string;
  return {
    name,
    async detect(path) {
      try {
        const call = { name: "importer.detect", params: { name, path } } as const;
        const options = { timeoutMs: DETECT_MS, signal: AbortSignal.timeout(DETECT_MS) };
        return (await askPlugin(project, plugin, call, options)).matches;
      } catch (error) {
        if (isDatmoError(error)) return false;
        throw error;
      }
    },
    async *pages(path, signal) {
      let cursor: string | undefined;
      do {
        const params = { name, path, ...(cursor === undefined ? {} : { cursor }) };
        const call = { name: "importer.page", params } as const;
        const page = await askPlugin(project, plugin, call, { timeoutMs: PAGE_MS, signal });
        yield page.pieces.map(pieceFromWire);
        cursor = page.cursor;
      } while (cursor !== undefined);
    },
  };
}

function pieceFromWire({ points, ...rest }: WirePiece): ImportPiece {
  if (!points) return rest;
  return {
    ...rest,
    points: points.map(({ points: { name, step, value, at }, ...stretch }) => {
      const count = Math.min(name.length, step.length, value.length, at.length);
      return {
        ...stretch,
        points: {
          name: name.slice(0, count),
          step: step.slice(0, count),
          value: value.slice(0, count).map(metricFromWire),
          at: at.slice(0, count).map((seconds) => seconds * 1000),
        },
      };
    }),
  };
}
