import {
  type ListResourcesResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  type Resource,
  ResourceNotFoundError,
  type ResourceTemplateType,
} from "@modelcontextprotocol/server";
import { isDatmoError } from "../protocol/errors.ts";
import type { Run, Snapshot } from "../protocol/types.ts";
import { askBounded } from "./bounded.ts";
import { errorText } from "./call-tool.ts";
import type { Engine } from "./engine-port.ts";

const PAGE = 100;
const JSON_TYPE = "application/json";

/** The lists that are resources, in this order. */
const LISTS = ["runs", "snapshots"] as const;
type List = (typeof LISTS)[number];

export const resourceTemplates: readonly ResourceTemplateType[] = [
  {
    name: "run",
    uriTemplate: "datmo://runs/{id}",
    title: "A run",
    description: "Everything that is known of a run. `id`: its id, a unique beginning of it, or its name.",
    mimeType: JSON_TYPE,
  },
  {
    name: "snapshot",
    uriTemplate: "datmo://snapshots/{id}",
    title: "A snapshot",
    description: "A snapshot with its environment. `id`: its id, a unique beginning of it, or its label.",
    mimeType: JSON_TYPE,
  },
];

/** A page: first the runs, the newest first, then the snapshots. */
export async function listResources(
  engine: Engine,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<ListResourcesResult> {
  const at = cursor === undefined ? { list: LISTS[0], cursor: undefined } : readCursor(cursor);
  const { resources, next } = await page(engine, at.list, at.cursor, signal);
  const nextList = LISTS[LISTS.indexOf(at.list) + 1];
  const nextCursor =
    next === undefined ? nextList && writeCursor(nextList, undefined) : writeCursor(at.list, next);
  return { resources, ...(nextCursor === undefined ? {} : { nextCursor }) };
}

/** One run or snapshot. Throws `ResourceNotFoundError`. */
export async function readResource(
  engine: Engine,
  uri: string,
  signal: AbortSignal,
): Promise<ReadResourceResult> {
  const [, list, id] = /^datmo:\/\/(runs|snapshots)\/([^/?#]+)$/.exec(uri) ?? [];
  if (list === undefined || id === undefined) throw new ResourceNotFoundError(uri);
  const method = list === "runs" ? "run.get" : "snapshot.get";
  try {
    const answer = await askBounded(engine, method, { id: decoded(id) }, { signal });
    const text = { uri, mimeType: JSON_TYPE, text: JSON.stringify(answer.result) };
    // What a client shows of a resource is its text: what was cut is told in `_meta` beside it.
    return {
      contents: [answer.note === undefined ? text : { ...text, _meta: { "datmo/cut": answer.note } }],
    };
  } catch (error) {
    if (isDatmoError(error) && error.kind.endsWith("_NOT_FOUND"))
      throw new ResourceNotFoundError(uri, error.message);
    throw new ProtocolError(ProtocolErrorCode.InternalError, errorText(error));
  }
}

async function page(
  engine: Engine,
  list: List,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<{ resources: Resource[]; next: string | undefined }> {
  const params = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  try {
    if (list === "runs") {
      const { items, nextCursor } = await engine.request("run.list", params, { signal });
      return { resources: items.map(runResource), next: nextCursor };
    }
    const { items, nextCursor } = await engine.request("snapshot.list", { ...params, all: true }, { signal });
    return { resources: items.map(snapshotResource), next: nextCursor };
  } catch (error) {
    // Where no project is, nothing is listed; tools say what is missing when they are called.
    if (isDatmoError(error) && error.kind === "PROJECT_NOT_FOUND") return { resources: [], next: undefined };
    throw new ProtocolError(ProtocolErrorCode.InternalError, errorText(error));
  }
}

function runResource({ id, name, status, command, createdAt }: Run): Resource {
  const words = typeof command === "string" ? command : command?.join(" ");
  return {
    uri: `datmo://runs/${id}`,
    name,
    title: `Run ${name}`,
    description: `${status}, ${createdAt}${words === undefined ? "" : `: ${words.slice(0, 200)}`}`,
    mimeType: JSON_TYPE,
  };
}

function snapshotResource({ id, label, message, createdAt }: Snapshot): Resource {
  return {
    uri: `datmo://snapshots/${id}`,
    name: label ?? id.slice(0, 8),
    title: `Snapshot ${label ?? id.slice(0, 8)}`,
    description: `${createdAt}: ${message.slice(0, 200)}`,
    mimeType: JSON_TYPE,
  };
}

function writeCursor(list: List, cursor: string | undefined): string {
  return `${list}:${cursor ?? ""}`;
}

function readCursor(text: string): { readonly list: List; readonly cursor: string | undefined } {
  const [, list, cursor] = /^(runs|snapshots):(.*)$/.exec(text) ?? [];
  if (list === undefined)
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, "The cursor is none of a list of resources");
  return { list: list as List, cursor: cursor === "" ? undefined : cursor };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
