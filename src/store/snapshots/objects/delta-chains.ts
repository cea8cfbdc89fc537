import { parseCommit } from "./commit-format.ts";
import { applyDelta } from "./delta.ts";
import { encodeDelta } from "./delta-encode.ts";
import type { ObjectReader } from "./object-reader.ts";
import { decodeDeltaBase, decodeHeader, encodeDeltaEntry } from "./pack-entry.ts";
import type { PackedObject } from "./pack-writer.ts";
import { parseTree } from "./tree-format.ts";

/** What is read of an old version takes this many steps at most. */
const DEEPEST = 24;
/** Larger ones would hold up everything else. */
const LARGEST = 4 * 1024 * 1024;
/** A delta that saves less than this share of its object is not worth the steps. */
const WORTHWHILE = 0.8;

/**
 * The same objects, those of which a newer version is among them as deltas of it where that saves much: the newest
 * of each path stays whole, so that what is likely to be read is read in one step. They must go to one pack. What
 * is a delta already stays as it is, and nothing is made from it: no two are ever made from each other.
 * @param turn Called between the steps.
 */
export async function withDeltas(
  reader: ObjectReader,
  objects: readonly PackedObject[],
  turn: () => Promise<void> | undefined,
): Promise<PackedObject[]> {
  const known = new Map(objects.map((object) => [object.id, object]));
  for (const versions of (await versionsByPath(reader, known, turn)).values()) {
    if (versions.length > 1) await chain(reader, versions, known, turn);
  }
  requireEnds(known);
  return [...known.values()];
}

/** The last check before anything is written: every delta leads to a whole object among these. */
function requireEnds(known: ReadonlyMap<string, PackedObject>): void {
  const proven = new Set<string>();
  for (const first of known.keys()) {
    const steps = new Set<string>();
    for (let id = first; !proven.has(id); ) {
      const data = known.get(id)?.data;
      if (data === undefined || steps.has(id)) throw new Error(`the delta ${first} has no end`);
      steps.add(id);
      const header = decodeHeader(data);
      if (header.type !== "delta") break;
      const { base } = decodeDeltaBase(data, header);
      if (!("id" in base)) throw new Error(`the delta ${first} is made from a place in another pack`);
      id = base.id;
    }
    for (const id of steps) proven.add(id);
  }
}

/** Ids of what lay at each path, the newest first; each id once, at the path where it is met first. */
async function versionsByPath(
  reader: ObjectReader,
  known: ReadonlyMap<string, PackedObject>,
  turn: () => Promise<void> | undefined,
): Promise<Map<string, string[]>> {
  const paths = new Map<string, string[]>();
  const seen = new Set<string>();
  const meet = (path: string, id: string): boolean => {
    if (seen.has(id) || !known.has(id)) return false;
    seen.add(id);
    const versions = paths.get(path);
    if (versions) versions.push(id);
    else paths.set(path, [id]);
    return true;
  };
  for (const tree of await treesOfCommits(reader, known, turn)) {
    const open = [{ id: tree, path: "" }];
    for (let at = open.pop(); at; at = open.pop()) {
      if (!meet(at.path, at.id)) continue;
      await turn();
      for (const { name, mode, id } of parseTree(await reader.readAs(at.id, "tree"))) {
        if (mode === "40000") open.push({ id, path: `${at.path}${name}/` });
        else meet(at.path + name, id);
      }
    }
  }
  return paths;
}

/** Trees of the commits among the objects, of the newest commit first. */
async function treesOfCommits(
  reader: ObjectReader,
  known: ReadonlyMap<string, PackedObject>,
  turn: () => Promise<void> | undefined,
): Promise<string[]> {
  const commits: { readonly tree: string; readonly seconds: number }[] = [];
  for (const { id, data } of known.values()) {
    const { type } = decodeHeader(data);
    if (type !== "commit" && type !== "delta") continue;
    await turn();
    const object = await reader.read(id);
    if (object.type !== "commit") continue;
    const seconds = Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(object.body.toString("latin1"))?.[1] ?? 0);
    commits.push({ tree: parseCommit(object.body).tree, seconds });
  }
  return commits.sort((a, b) => b.seconds - a.seconds).map(({ tree }) => tree);
}

async function chain(
  reader: ObjectReader,
  versions: readonly string[],
  known: Map<string, PackedObject>,
  turn: () => Promise<void> | undefined,
): Promise<void> {
  let base: { readonly id: string; readonly type: string; readonly body: Buffer } | undefined;
  let depth = 0;
  for (const id of versions) {
    await turn();
    const object = known.get(id) as PackedObject;
    if (decodeHeader(object.data).type === "delta") {
      base = undefined;
      continue;
    }
    const { type, body } = await reader.read(id);
    const entry = base && base.type === type && depth < DEEPEST ? deltaEntry(base, body, object) : undefined;
    depth = entry ? depth + 1 : 0;
    if (entry) known.set(id, { id, ...entry });
    base = { id, type, body };
  }
}

function deltaEntry(
  base: { readonly id: string; readonly body: Buffer },
  body: Buffer,
  object: PackedObject,
): { data: Buffer; crc: number } | undefined {
  if (Math.max(base.body.length, body.length) > LARGEST) return undefined;
  const delta = encodeDelta(base.body, body, Math.floor(body.length * WORTHWHILE));
  if (delta === undefined || !applyDelta(base.body, delta).equals(body)) return undefined;
  const entry = encodeDeltaEntry(base.id, delta);
  return entry.data.length < object.data.length * WORTHWHILE ? entry : undefined;
}
