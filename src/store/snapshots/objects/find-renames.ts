import { errors } from "../../../protocol/errors.ts";
import { Breather } from "../../../util/breather.ts";
import { canBePointer, parsePointer } from "../lfs/lfs-pointer.ts";
import type { LeafChange } from "./diff-trees.ts";
import { type Contents, contentsOf, Likeness } from "./likeness.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { Leaf } from "./tree-walk.ts";

export interface Rename {
  readonly from: string;
  readonly source: Leaf;
  /** Whole percent. */
  readonly similarity: number;
}

/** Half of a file must have stayed. */
const LEAST = 0.5;
/** Of two files that share a name nobody else has, in whatever folder, this much is enough before all others are asked. */
const LEAST_SAME_NAME = 0.75;
/** Git's limit: with more files gone times files come than this only unchanged ones are found again. */
const MOST_PAIRS = 1_000 * 1_000;
/** Bytes that are read to look for renamed files that changed as well. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Of so many candidates for one file the best are remembered. */
const BEST = 4;
/** Copies of one content among which the best is chosen. */
const MOST_COPIES = 100;

interface Candidate {
  readonly source: Leaf;
  readonly target: Leaf;
  readonly score: number;
  readonly sameName: boolean;
}

/** Files that went and came again under another path, by their new path: as `git diff -M` finds them. */
export async function findRenames(
  reader: ObjectReader,
  changes: readonly LeafChange[],
  signal?: AbortSignal,
): Promise<Map<string, Rename>> {
  const gone = changes.flatMap(({ before, after }) => (before && !after ? [before] : []));
  const come = changes.flatMap(({ before, after }) => (after && !before ? [after] : []));
  const found = new Found();
  if (gone.length === 0 || come.length === 0) return found.renames;
  pairEqual(found, gone, come);
  const sources = gone.filter((leaf) => !found.isSource(leaf) && leaf.mode !== "120000");
  const targets = come.filter((leaf) => !found.isTarget(leaf) && leaf.mode !== "120000");
  if (sources.length === 0 || targets.length === 0) return found.renames;
  if (sources.length * targets.length > MOST_PAIRS) return found.renames;
  const contents = await readAll(reader, [...sources, ...targets], signal);
  if (contents) await pairAlike(found, sources, targets, contents, signal);
  return found.renames;
}

class Found {
  readonly renames = new Map<string, Rename>();
  readonly #sources = new Set<string>();

  isSource(leaf: Leaf): boolean {
    return this.#sources.has(leaf.path);
  }

  isTarget(leaf: Leaf): boolean {
    return this.renames.has(leaf.path);
  }

  add(source: Leaf, target: Leaf, score: number): void {
    this.#sources.add(source.path);
    this.renames.set(target.path, { from: source.path, source, similarity: Math.floor(score * 100) });
  }
}

/** The same content; of several files that have it, one that has the same name. */
function pairEqual(found: Found, gone: readonly Leaf[], come: readonly Leaf[]): void {
  const byId = new Map<string, Leaf[]>();
  for (const leaf of gone) {
    const list = byId.get(leaf.id);
    if (list) list.push(leaf);
    else byId.set(leaf.id, [leaf]);
  }
  for (const target of come) {
    const free = (byId.get(target.id) ?? []).filter(
      (source) => !found.isSource(source) && (source.mode === "120000") === (target.mode === "120000"),
    );
    const copies = free.slice(0, MOST_COPIES);
    const source = copies.find((one) => nameOf(one) === nameOf(target)) ?? copies[0];
    if (source) found.add(source, target, 1);
  }
}

/** Contents of files that may have been changed; undefined when they are too much. Big files are told by their hash. */
async function readAll(
  reader: ObjectReader,
  leaves: readonly Leaf[],
  signal: AbortSignal | undefined,
): Promise<Map<string, Contents> | undefined> {
  const sizes = new Map<string, number>();
  let bytes = 0;
  for (const { id } of leaves) {
    if (sizes.has(id)) continue;
    const { size } = await reader.facts(id);
    sizes.set(id, size);
    bytes += size;
  }
  if (bytes > MOST_BYTES) return undefined;
  const contents = new Map<string, Contents>();
  const breather = new Breather(signal, errors.CANCELLED);
  for (const [id, size] of sizes) {
    await breather.take();
    if (size === 0) continue;
    const body = await reader.readAs(id, "blob");
    if (!canBePointer(size) || !parsePointer(body)) contents.set(id, contentsOf(body));
  }
  return contents;
}

async function pairAlike(
  found: Found,
  sources: readonly Leaf[],
  targets: readonly Leaf[],
  contents: ReadonlyMap<string, Contents>,
  signal: AbortSignal | undefined,
): Promise<void> {
  pairByName(found, sources, targets, contents);
  const left = sources.filter((leaf) => !found.isSource(leaf));
  const likeness = new Likeness(left.map(({ id }) => contents.get(id)));
  const candidates: Candidate[] = [];
  const breather = new Breather(signal, errors.CANCELLED);
  for (const target of targets) {
    await breather.take();
    const content = contents.get(target.id);
    if (found.isTarget(target) || !content) continue;
    const best: Candidate[] = [];
    for (const [at, score] of likeness.scores(content)) {
      const source = left[at] as Leaf;
      if (score >= LEAST) best.push({ source, target, score, sameName: nameOf(source) === nameOf(target) });
    }
    candidates.push(...best.sort(better).slice(0, BEST));
  }
  for (const { source, target, score } of candidates.sort(better)) {
    if (!found.isSource(source) && !found.isTarget(target)) found.add(source, target, score);
  }
}

/** A name that went once and came once is most often the same file in another folder. */
function pairByName(
  found: Found,
  sources: readonly Leaf[],
  targets: readonly Leaf[],
  contents: ReadonlyMap<string, Contents>,
): void {
  const once = onlyOnes(targets);
  for (const [name, source] of onlyOnes(sources)) {
    const target = once.get(name);
    const [a, b] = [contents.get(source?.id ?? ""), contents.get(target?.id ?? "")];
    if (!source || !target || !a || !b) continue;
    const score = new Likeness([a]).scores(b).get(0) ?? 0;
    if (score >= LEAST_SAME_NAME) found.add(source, target, score);
  }
}

function onlyOnes(leaves: readonly Leaf[]): Map<string, Leaf | undefined> {
  const named = new Map<string, Leaf | undefined>();
  for (const leaf of leaves) named.set(nameOf(leaf), named.has(nameOf(leaf)) ? undefined : leaf);
  return named;
}

function better(a: Candidate, b: Candidate): number {
  return b.score - a.score || Number(b.sameName) - Number(a.sameName);
}

function nameOf({ path }: Leaf): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
