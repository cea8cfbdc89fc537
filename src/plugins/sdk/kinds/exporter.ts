import type {
  ExporterTakeParams,
  ExporterTakeResult,
  ExportPiece as WirePiece,
} from "../../../protocol/types.ts";
import type { Datmo, ExportedRun, ExportPiece, PluginDefinition, PluginExport } from "../types.ts";
import type { Kind } from "./kind.ts";

/** Exports that go on at once; one that was cut off is forgotten in time. */
const MOST_EXPORTS = 20;
/** Pieces and characters of one answer; a message holds 8 MiB. */
const MOST_PIECES = 1000;
const MOST_CHARACTERS = 1024 * 1024;

interface Open {
  readonly doing: PluginExport;
  run?: ExportedRun;
  /** Files that were begun. */
  readonly begun: Set<string>;
  /** Not answered yet. */
  waiting: WirePiece[];
}

export const exporter: Kind = {
  provided: ({ exporters = {} }) => Object.keys(exporters).map((name) => `exporter ${name}`),
  answers: (plugin, datmo) => {
    const open = new Map<string, Open>();
    return { "exporter.take": (params) => take(plugin, datmo, open, params) };
  },
};

async function take(
  plugin: PluginDefinition,
  datmo: Datmo,
  open: Map<string, Open>,
  params: ExporterTakeParams,
): Promise<ExporterTakeResult> {
  const { name, export: token, begin } = params;
  const make = plugin.exporters?.[name];
  if (begin && make) open.set(token, { doing: make(begin, datmo), begun: new Set(), waiting: [] });
  const one = open.get(token);
  if (!one) throw new Error("the process has changed since the export began; export again");
  const [oldest] = open.keys();
  if (open.size > MOST_EXPORTS && oldest !== undefined) open.delete(oldest);
  const wants: string[] = [];
  one.waiting.push(
    ...((await piecesOf(one, params, wants)) ?? []).flatMap((piece) => wirePieces(one, piece)),
  );
  const pieces = nextOf(one);
  const more = one.waiting.length > 0;
  if (params.done && !more) open.delete(token);
  return { pieces, ...(wants.length > 0 ? { wants } : {}), ...(more ? { more } : {}) };
}

function piecesOf(
  one: Open,
  params: ExporterTakeParams,
  wants: string[],
): ReturnType<NonNullable<PluginExport["end"]>> {
  const { doing } = one;
  const { begin, run, points, file, ended, done } = params;
  if (begin) return doing.begin?.();
  if (run) {
    one.run = run;
    return doing.run?.(run, (path) => wants.push(path));
  }
  if (points && one.run) return doing.points?.(one.run, points.points);
  if (file && one.run) {
    const { path, from, base64, done: last } = file;
    return doing.file?.(one.run, { path, from, bytes: bytesOf(base64), done: last });
  }
  if (ended !== undefined && one.run) return doing.runEnd?.(one.run);
  return done ? doing.end?.() : [];
}

/** Long texts and bytes go in parts. */
function wirePieces(one: Open, piece: ExportPiece): WirePiece[] {
  const { path } = piece;
  const mode = piece.mode ?? (one.begun.has(path) ? "append" : "create");
  one.begun.add(path);
  if ("kept" in piece) return [{ path, mode, kept: piece.kept }];
  const base64 = "bytes" in piece ? base64Of(piece.bytes) : undefined;
  const whole = "text" in piece ? piece.text : (base64 as string);
  const parts: WirePiece[] = [];
  for (let at = 0; at < Math.max(1, whole.length); ) {
    const to = end(whole, at);
    const part = whole.slice(at, to);
    const content = base64 === undefined ? { text: part } : { base64: part };
    parts.push({ path, mode: at === 0 ? mode : "append", ...content });
    at = Math.max(to, 1);
  }
  return parts;
}

/** No character is cut in half, and no group of four of base64. */
function end(whole: string, at: number): number {
  const to = Math.min(whole.length, at + MOST_CHARACTERS);
  const half = whole.charCodeAt(to - 1);
  return to < whole.length && half >= 0xd800 && half < 0xdc00 ? to - 1 : to;
}

function nextOf(one: Open): WirePiece[] {
  let characters = 0;
  let count = 0;
  for (const { text = "", base64 = "" } of one.waiting) {
    characters += text.length + base64.length;
    if (count > 0 && (count >= MOST_PIECES || characters > MOST_CHARACTERS)) break;
    count++;
  }
  return one.waiting.splice(0, count);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
