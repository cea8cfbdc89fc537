import { copyFile, link, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RecordState } from "../../domain/merge.ts";
import { fieldProblem } from "../../domain/shared-fields.ts";
import {
  isSharedKind,
  operationsFor,
  type SharedOperation,
  sharedLine,
} from "../../domain/shared-operations.ts";
import type { Json } from "../../util/json.ts";
import type { SharedImage } from "../ports/sharing.ts";
import type { FileSource, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { goesOn } from "./merge-records.ts";
import { laterHash } from "./read-remote.ts";
import type { RemoteIndex } from "./remote-index.ts";

/** What a remote does not have of records and runs, put into files. */
export interface PushContent {
  readonly sources: readonly FileSource[];
  readonly files: readonly { readonly runId: string; readonly treeId: string }[];
  /** Records and runs that are told of. */
  readonly records: number;
  readonly runs: number;
  readonly points: number;
  /** Runs whose points stay here because they go on. */
  readonly waiting: number;
  /** What others could not take in. */
  readonly keptBack: readonly string[];
  /** Notes in the index that the remote has all of this now. */
  absorb(index: RemoteIndex): void;
}

/** A file of operations of this size is closed; bigger ones would be kept as big files. */
const FILE_BYTES = 3 * 1024 * 1024;

/** Gathers what the remote does not have, in files below `folder`. */
export async function gatherContent(
  project: OpenProject,
  index: RemoteIndex,
  folder: string,
  options: WorkOptions,
): Promise<PushContent> {
  const gathering = new Gathering(project, index, folder, options);
  const prints = await project.records.sharing.prints();
  for (const [done, { kind, id, print }] of prints.entries()) {
    options.signal?.throwIfAborted();
    if (!isSharedKind(kind)) continue;
    const isKnown = index.print(kind, id) === print;
    if (kind === "run") await gathering.run(id, print, isKnown);
    else if (!isKnown) await gathering.record(kind, id, print);
    if (done % 100 === 0)
      options.progress?.({ message: "Looking for what is new", done, total: prints.length });
  }
  await gathering.laterOperations();
  return gathering.finish();
}

class Gathering {
  readonly #project: OpenProject;
  readonly #index: RemoteIndex;
  readonly #folder: string;
  readonly #options: WorkOptions;
  readonly #sources: FileSource[] = [];
  readonly #files: { runId: string; treeId: string }[] = [];
  readonly #operations: SharedOperation[] = [];
  readonly #prints: { kind: string; id: string; print: string }[] = [];
  readonly #images: { runId: string; sha256: string }[] = [];
  readonly #markers = new Map<string, string>();
  readonly #later: string[] = [];
  readonly #keptBack: string[] = [];
  #lines: string[] = [];
  #bytes = 0;
  #points = 0;
  #waiting = 0;
  #records = 0;
  #runs = 0;

  constructor(project: OpenProject, index: RemoteIndex, folder: string, options: WorkOptions) {
    this.#options = options;
    this.#project = project;
    this.#index = index;
    this.#folder = folder;
  }

  async record(kind: string, id: string, print: string): Promise<RecordState | undefined> {
    const state = await this.#project.records.sharing.state(kind, id);
    if (!state) return undefined;
    const operations = operationsFor(kind, id, state, this.#index.state(kind, id))
      .map((operation) => this.#sendable(operation))
      .filter(({ set }) => Object.keys(set).length > 0);
    this.#prints.push({ kind, id, print });
    if (operations.length === 0) return state;
    this.#records += 1;
    if (kind === "run") this.#runs += 1;
    for (const operation of operations) {
      this.#operations.push(operation);
      await this.#line(sharedLine(operation.stamp, [operation]));
    }
    return state;
  }

  /** A run, with its points once it has ended, and the files that it kept so far. */
  async run(id: string, print: string, isKnown: boolean): Promise<void> {
    const marker = await this.#project.share.images.marker(id);
    if (isKnown && this.#index.markers.get(id) === marker) return;
    const state = isKnown
      ? await this.#project.records.sharing.state("run", id)
      : await this.record("run", id, print);
    if (!state || state.values.get("deleted") === true) return;
    const tree = state.values.get("keptTree");
    if (typeof tree === "string" && !this.#index.files.get(id)?.has(tree)) {
      if (await this.#project.share.store.hasTree(tree)) this.#files.push({ runId: id, treeId: tree });
    }
    if (goesOn(state.values.get("status")) || (await this.#project.openRuns.read(id))) {
      if (marker !== "") this.#waiting += 1;
      return;
    }
    if (marker !== "") await this.#project.series.seal(id);
    // What comes between sealing and this look changes the folder again, and is found the next time.
    const sealed = await this.#project.share.images.marker(id);
    const { images, whole } = await this.#project.share.images.list(id);
    let all = whole;
    for (const image of images) all = (await this.#image(id, image)) && all;
    if (all) this.#markers.set(id, sealed);
  }

  async laterOperations(): Promise<void> {
    for (const { stamp, operations, isPayload } of await this.#project.records.sharing.laterOperations()) {
      const hashes = operations.map((text) => laterHash(stamp, text));
      if (hashes.every((hash) => this.#index.later.has(hash))) continue;
      this.#later.push(...hashes);
      await this.#line(
        isPayload ? (operations[0] ?? "") : `{"v":1,"t":"${stamp}","c":[${operations.join(",")}]}`,
      );
    }
  }

  async finish(): Promise<PushContent> {
    await this.#closeFile();
    return {
      sources: this.#sources,
      files: this.#files,
      records: this.#records,
      runs: this.#runs,
      points: this.#points,
      waiting: this.#waiting,
      keptBack: this.#keptBack,
      absorb: (index) => {
        for (const operation of this.#operations) index.absorb(operation);
        for (const { kind, id, print } of this.#prints) index.setPrint(kind, id, print);
        for (const { runId, sha256 } of this.#images) index.addImage(runId, sha256);
        for (const { runId, treeId } of this.#files) index.addFiles(runId, treeId);
        for (const [runId, marker] of this.#markers) index.setMarker(runId, marker);
        for (const hash of this.#later) index.addLater(hash);
      },
    };
  }

  /** One odd field of one's own must not keep others from taking in everything else. */
  #sendable(operation: SharedOperation): SharedOperation {
    const { kind, id, set } = operation;
    const good: [string, Json][] = [];
    for (const [path, value] of Object.entries(set)) {
      if (fieldProblem(kind, id, path, value) === undefined) good.push([path, value]);
      else this.#keptBack.push(`${kind} ${id} ${path}`);
    }
    return good.length === Object.keys(set).length
      ? operation
      : { ...operation, set: Object.fromEntries(good) };
  }

  /** False when others could not take it in: sent all the same, it would keep them from everything else. */
  async #image(runId: string, { sha256, path, points }: SharedImage): Promise<boolean> {
    if (this.#index.images.get(runId)?.has(sha256)) return true;
    const name = `series/${runId}/${sha256}.sealed`;
    const source = join(this.#folder, name);
    await mkdir(dirname(source), { recursive: true });
    // Sealing again may remove the file meanwhile.
    await link(path, source).catch(() => copyFile(path, source));
    const problem = await this.#project.share.images.check(sha256, source, this.#options.signal);
    if (problem !== undefined) {
      this.#keptBack.push(`the points of run ${runId} (${problem})`);
      return false;
    }
    this.#sources.push({ name, source });
    this.#images.push({ runId, sha256 });
    this.#points += points;
    return true;
  }

  async #line(line: string): Promise<void> {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#bytes > 0 && this.#bytes + bytes > FILE_BYTES) await this.#closeFile();
    this.#lines.push(line);
    this.#bytes += bytes;
  }

  async #closeFile(): Promise<void> {
    if (this.#lines.length === 0) return;
    const count = this.#sources.filter(({ name }) => name.startsWith("ops/")).length;
    const name = `ops/${count}.jsonl`;
    const source = join(this.#folder, name);
    await mkdir(dirname(source), { recursive: true });
    await writeFile(source, `${this.#lines.join("\n")}\n`, { mode: 0o600 });
    this.#sources.push({ name, source });
    this.#lines = [];
    this.#bytes = 0;
  }
}
