import { randomId } from "../../domain/ids.ts";
import { metricToWire } from "../../domain/metric-values.ts";
import type {
  ExporterTakeParams,
  ExporterTakeResult,
  ExportPiece as WirePiece,
} from "../../protocol/types.ts";
import { askPlugin } from "../plugins/ask-plugin.ts";
import type { Provider } from "../plugins/providers.ts";
import type { ExportedPoints, ExportedRun, Exporter, ExportPiece, ExportTarget } from "../ports/exporters.ts";
import type { OpenProject } from "../project/open-project.ts";

/** Time for one part. */
const PART_MS = 120_000;
/** Points told at once. */
const PAGE_POINTS = 20_000;

type Part = Omit<ExporterTakeParams, "name" | "export">;

/** The exporter that a plugin provides: it is told one part after the other, and never runs ahead. */
export function pluginExporter(project: OpenProject, provider: Provider): Exporter {
  const name = provider.provides.name as string;
  return {
    name,
    open(target) {
      const tell = teller(project, provider, name, target.signal);
      return {
        begin: () => tell({ begin: { project: target.project, directory: target.directory } }),
        run: (run) => tellRun(tell, run),
        end: () => tell({ done: true }),
      };
    },
  };
}

type Tell = (part: Part, took?: (answer: ExporterTakeResult) => void) => AsyncGenerator<ExportPiece>;

function teller(
  project: OpenProject,
  { plugin }: Provider,
  name: string,
  signal: ExportTarget["signal"],
): Tell {
  const token = randomId();
  return async function* tell(part, took) {
    let next: Part = part;
    for (;;) {
      const call = { name: "exporter.take", params: { name, export: token, ...next } } as const;
      const answer = await askPlugin(project, plugin, call, { timeoutMs: PART_MS, signal });
      took?.(answer);
      yield* answer.pieces.map(pieceFromWire);
      if (answer.more !== true) return;
      next = {};
    }
  };
}

async function* tellRun(tell: Tell, run: ExportedRun): AsyncGenerator<ExportPiece> {
  const runId = run.facts.id;
  const wants: string[] = [];
  yield* tell({ run: run.facts }, (answer) => wants.push(...(answer.wants ?? [])));
  for (const name of run.facts.metrics) {
    const points = await run.points(name);
    for (let from = 0; from < points.step.length; from += PAGE_POINTS) {
      yield* tell({ points: { runId, points: page(name, points, from) } });
    }
  }
  for (const path of new Set(wants)) yield* tellFile(tell, run, path);
  yield* tell({ ended: runId });
}

async function* tellFile(tell: Tell, run: ExportedRun, path: string): AsyncGenerator<ExportPiece> {
  const runId = run.facts.id;
  let from = 0;
  for await (const chunk of run.content(path)) {
    yield* tell({ file: { runId, path, from, base64: Buffer.from(chunk).toString("base64"), done: false } });
    from += chunk.length;
  }
  yield* tell({ file: { runId, path, from, base64: "", done: true } });
}

function page(name: string, { step, value, at }: ExportedPoints, from: number): Wire {
  const to = Math.min(step.length, from + PAGE_POINTS);
  return {
    name: Array.from({ length: to - from }, () => name),
    step: [...step.subarray(from, to)],
    value: Array.from(value.subarray(from, to), metricToWire),
    at: Array.from(at.subarray(from, to), (ms) => ms / 1000),
  };
}
type Wire = NonNullable<ExporterTakeParams["points"]>["points"];

function pieceFromWire({ path, mode, text, base64, kept }: WirePiece): ExportPiece {
  if (kept !== undefined) return { path, mode, content: { kept } };
  if (base64 !== undefined) return { path, mode, content: Buffer.from(base64, "base64") };
  return { path, mode, content: text ?? "" };
}
