import { basename, dirname, join, relative } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type { ImportedFacts, Importer, ImportPiece } from "../../../services/ports/importers.ts";
import { filesBelow, isFolder } from "../file-lists.ts";
import { PointList } from "../point-columns.ts";
import { ProtobufError } from "../protobuf.ts";
import { readEvent, type SummaryValue, type TfEvent } from "./event.ts";
import { readHparams } from "./hparams.ts";
import { tfRecords } from "./records.ts";

const NAME = "tfevents";
const PAGE_POINTS = 50_000;
/** Texts of one tag that are kept, characters. */
const MOST_TEXT = 1_000_000;

/** Event files of TensorBoard; the files of a folder are a run, as TensorBoard has it. */
export const tfevents: Importer = {
  name: NAME,
  async detect(path) {
    return eventFolders(path).length > 0;
  },
  async *pages(path) {
    const folders = eventFolders(path);
    if (folders.length === 0) {
      const reason = "there is no file called `events.out.tfevents…` in it";
      throw errors.IMPORT_SOURCE_INVALID({ path, format: NAME, reason });
    }
    const seen = new Map<string, string>();
    const root = isFolder(path) ? path : dirname(path);
    for (const { folder, files } of folders) yield* runPages(root, folder, files, seen);
  },
};

interface EventFolder {
  readonly folder: string;
  readonly files: readonly string[];
}

function eventFolders(path: string): EventFolder[] {
  if (!isFolder(path)) return isEventFile(basename(path)) ? [{ folder: dirname(path), files: [path] }] : [];
  const byFolder = new Map<string, string[]>();
  for (const { name, path: file } of filesBelow(path)) {
    if (!isEventFile(basename(name))) continue;
    const folder = dirname(file);
    const files = byFolder.get(folder);
    if (files) files.push(file);
    else byFolder.set(folder, [file]);
  }
  // A name begins with the time of its file.
  return [...byFolder].map(([folder, files]) => ({ folder, files: files.sort() }));
}

function isEventFile(name: string): boolean {
  return name.includes("tfevents") && !name.endsWith(".profile-empty");
}

function* runPages(
  root: string,
  folder: string,
  files: readonly string[],
  seen: Map<string, string>,
): Generator<ImportPiece[]> {
  const name = relative(root, folder) || basename(folder);
  const key = keyOf(files);
  if (key === undefined) {
    yield [{ problems: [`${name}: its event files hold nothing that can be read`] }];
    return;
  }
  const twin = seen.get(key);
  if (twin !== undefined) {
    yield [{ problems: [`${name}: is a copy of ${twin}, so it was left out`] }];
    return;
  }
  seen.set(key, name);
  const run = new RunReader(key, name);
  for (const file of files) yield* run.filePages(file);
  yield [run.last()];
}

/** Where a run lies is no part of what it is: the name of its first file and the time of its first event are. */
function keyOf(files: readonly string[]): string | undefined {
  const first = files[0] as string;
  for (const bytes of tfRecords(first, () => undefined)) {
    const event = eventOf(bytes);
    if (event) return `${basename(first)} ${event.wallTime}`;
  }
  return undefined;
}

function eventOf(bytes: Buffer): TfEvent | undefined {
  try {
    return readEvent(bytes);
  } catch (error) {
    if (error instanceof ProtobufError) return undefined;
    throw error;
  }
}

/** Reads the files of one run. */
class RunReader {
  readonly #key: string;
  #facts: ImportedFacts;
  /** Only the first value of a tag says which plugin's it is. */
  readonly #plugins = new Map<string, string>();
  readonly #texts = new Map<string, string>();
  readonly #others = new Map<string, number>();
  #problems: string[] = [];
  #first = Number.POSITIVE_INFINITY;

  constructor(key: string, name: string) {
    this.#key = key;
    this.#facts = { name };
  }

  *filePages(path: string): Generator<ImportPiece[]> {
    const file = basename(path);
    const list = new PointList();
    const problem = (text: string): void => void this.#problems.push(`${file}: ${text}`);
    for (const bytes of tfRecords(path, problem)) {
      const event = eventOf(bytes);
      if (!event) {
        problem("an event is none, so it was left out");
        continue;
      }
      if (event.wallTime > 0 && event.wallTime < this.#first) this.#first = event.wallTime;
      for (const value of event.values) this.#take(value, event, list);
      if (list.length >= PAGE_POINTS) yield [{ run: this.#key, points: [{ stream: file, ...list.take() }] }];
    }
    if (list.length > 0) yield [{ run: this.#key, points: [{ stream: file, ...list.take() }] }];
  }

  /** What is known of the run once all of it was read. */
  last(): ImportPiece {
    for (const [kind, many] of this.#others)
      this.#problems.push(`values of the kind ${kind} were left out: ${many}`);
    const started = Number.isFinite(this.#first) ? new Date(this.#first * 1000) : undefined;
    const startedAt = started && !Number.isNaN(started.getTime()) ? { startedAt: started.toISOString() } : {};
    return {
      run: this.#key,
      facts: { ...startedAt, ...this.#facts },
      files: [...this.#texts].map(([tag, text]) => ({ name: `${join("text", tag)}.md`, text })),
      ...(this.#problems.length > 0 ? { problems: this.#problems } : {}),
    };
  }

  #take(value: SummaryValue, { step, wallTime }: TfEvent, list: PointList): void {
    const { tag, content, scalar, tensor } = value;
    if (value.plugin !== undefined) this.#plugins.set(tag, value.plugin);
    const plugin = this.#plugins.get(tag);
    if (plugin === "hparams" && content) {
      this.#facts = { ...this.#facts, ...readHparams(content) };
      return;
    }
    const number = scalar ?? (plugin === "scalars" || plugin === undefined ? tensor?.numbers[0] : undefined);
    if (number !== undefined) list.add(tag, step, number, wallTime * 1000);
    else if (plugin === "text" && tensor) this.#text(tag, step, tensor.texts);
    else {
      const kind = plugin ?? value.other;
      if (kind !== undefined && kind !== "hparams") this.#others.set(kind, (this.#others.get(kind) ?? 0) + 1);
    }
  }

  #text(tag: string, step: number, texts: readonly string[]): void {
    const name = tag.replace(/\/text_summary$/, "").replaceAll(/(^|\/)\.+(?=\/|$)/g, "$1_") || "_";
    const known = this.#texts.get(name) ?? "";
    if (known.length < MOST_TEXT)
      this.#texts.set(name, `${known}## Step ${step}\n\n${texts.join("\n\n")}\n\n`);
  }
}
