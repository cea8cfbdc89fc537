import { decodeName } from "../files/names.ts";
import { parseCommit } from "../objects/commit-format.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { readLeaves } from "../objects/tree-walk.ts";
import { ENVIRONMENT, FILES, MANIFEST } from "../publish.ts";
import { componentTrees, isSnapshotTree } from "./purge-find.ts";
import { rawEntries } from "./tree-entries.ts";
import type { TakeTurn } from "./turn-taker.ts";

interface NewTree {
  readonly id: string;
  /** Nothing is left in it. */
  readonly empty: boolean;
  /** Paths of what was taken out. */
  readonly removed: readonly string[];
}

/**
 * Writes trees and commits anew without some contents. The result depends on nothing but the old objects and the
 * contents, and not on the order in which contents are taken out: every copy of a project comes to the same commits.
 */
export class Rewriter {
  /** Objects that were replaced, with their replacement. */
  readonly replaced = new Map<string, string>();
  readonly #store: ObjectStore;
  readonly #blobs: ReadonlySet<string>;
  readonly #turn: TakeTurn;
  readonly #trees = new Map<string, NewTree>();
  readonly #commits = new Map<string, string>();

  constructor(store: ObjectStore, blobs: ReadonlySet<string>, turn: TakeTurn) {
    this.#store = store;
    this.#blobs = blobs;
    this.#turn = turn;
  }

  /** The new id of a commit; its own when nothing that it needs is taken out. Tags and others stay as they are. */
  async commit(id: string): Promise<string> {
    const known = this.#commits.get(id);
    if (known) return known;
    await this.#turn();
    const { type, body } = await this.#store.reader.read(id);
    const made = type === "commit" ? await this.#rewritten(id, body) : id;
    this.#commits.set(id, made);
    if (made !== id) this.replaced.set(id, made);
    return made;
  }

  async tree(id: string): Promise<NewTree> {
    const known = this.#trees.get(id);
    if (known) return known;
    await this.#turn();
    const { body, entries } = await rawEntries(this.#store.reader, id);
    const parts: Buffer[] = [];
    const removed: string[] = [];
    let from = 0;
    for (const entry of entries) {
      const name = decodeName(entry.name);
      const below = entry.isTree ? await this.tree(entry.id) : undefined;
      const goes = below ? below.empty : this.#blobs.has(entry.id);
      if (!goes && (!below || below.id === entry.id)) continue;
      parts.push(body.subarray(from, goes ? entry.start : entry.end - 20));
      if (!goes && below) parts.push(Buffer.from(below.id, "hex"));
      from = entry.end;
      removed.push(...(below ? below.removed.map((path) => `${name}/${path}`) : [name]));
    }
    const made = parts.length === 0 ? body : Buffer.concat([...parts, body.subarray(from)]);
    const next = parts.length === 0 ? id : this.#store.add("tree", made);
    if (next !== id) this.replaced.set(id, next);
    const result = { id: next, empty: parts.length > 0 && made.length === 0, removed };
    this.#trees.set(id, result);
    return result;
  }

  async #rewritten(id: string, body: Buffer): Promise<string> {
    const { tree, parents } = parseCommit(body);
    const isSnapshot = await isSnapshotTree(this.#store, tree, parents[0]);
    const newParents: string[] = [];
    for (const parent of parents) newParents.push(await this.commit(parent));
    const newTree = isSnapshot
      ? await this.#snapshotTree(tree, parents[0] ?? "")
      : (await this.tree(tree)).id;
    if (newTree === tree && parents.every((parent, i) => parent === newParents[i])) return id;
    const end = body.indexOf("\n\n");
    const lines = body.toString("latin1", 0, end).split("\n");
    const rest = lines.filter((line) => !/^(tree|parent) /.test(line));
    const head = [`tree ${newTree}`, ...newParents.map((parent) => `parent ${parent}`), ...rest].join("\n");
    return this.#store.add("commit", Buffer.concat([Buffer.from(head, "latin1"), body.subarray(end)]));
  }

  /** The manifest says what was taken out. */
  async #snapshotTree(tree: string, codeCommit: string): Promise<string> {
    const { reader } = this.#store;
    const code = await this.tree(parseCommit(await reader.readAs(codeCommit, "commit")).tree);
    const { body, entries } = await rawEntries(reader, tree);
    const purged = code.removed.map((path) => `code/${path}`);
    for (const { name, tree: below } of await componentTrees(this.#store, tree)) {
      purged.push(...(await this.tree(below)).removed.map((path) => `${name}/${path}`));
    }
    if (purged.length === 0) return tree;
    const parts: Buffer[] = [];
    let from = 0;
    for (const entry of entries) {
      const name = decodeName(entry.name);
      let next: string | undefined = entry.id;
      if (name === MANIFEST)
        next = await this.#manifest(entry.id, code.id, purged, await this.#files(entries));
      else if (name === FILES || name === ENVIRONMENT) {
        const below = await this.tree(entry.id);
        next = below.empty ? undefined : below.id;
      }
      parts.push(body.subarray(from, next ? entry.end - 20 : entry.start));
      if (next) parts.push(Buffer.from(next, "hex"));
      from = entry.end;
    }
    const made = this.#store.add("tree", Buffer.concat([...parts, body.subarray(from)]));
    this.replaced.set(tree, made);
    return made;
  }

  /** Paths that are left in the files. */
  async #files(entries: readonly { name: Buffer; id: string }[]): Promise<Set<string>> {
    const files = entries.find((entry) => decodeName(entry.name) === FILES);
    if (!files) return new Set();
    const { id } = await this.tree(files.id);
    return new Set((await readLeaves(this.#store.reader, id)).map(({ path }) => path));
  }

  async #manifest(
    blob: string,
    codeTree: string,
    purged: readonly string[],
    files: ReadonlySet<string>,
  ): Promise<string> {
    const text = (await this.#store.reader.readAs(blob, "blob")).toString("utf8");
    const manifest = JSON.parse(text) as Record<string, unknown>;
    manifest["code"] = { ...(manifest["code"] as object | undefined), tree: codeTree };
    if (Array.isArray(manifest["files"])) {
      manifest["files"] = (manifest["files"] as { path: string }[]).filter(({ path }) => files.has(path));
    }
    const before = (manifest["purged"] as string[] | undefined) ?? [];
    // Put at the end, whether it was there before or not; and the state is another one.
    delete manifest["purged"];
    delete manifest["key"];
    manifest["purged"] = [...new Set([...before, ...purged])].sort();
    const made = this.#store.add("blob", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
    this.replaced.set(blob, made);
    return made;
  }
}
