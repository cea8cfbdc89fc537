import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { errors } from "../../../../protocol/errors.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { isMissing } from "../../files/file-system.ts";
import type { LfsPointer } from "../../lfs/lfs-pointer.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import type { HttpResponse } from "../http/http-client.ts";
import type { MovedCount } from "./big-file-place.ts";
import type { LfsAction, LfsBatch } from "./lfs-batch.ts";

const BLOCK = 1024 * 1024;
const TRIES = 3;

/**
 * Fetches one big file in constant memory and proves it. What came before a cut is kept under a name that the next
 * try, in this process or another one, takes over.
 */
export async function downloadFile(
  store: ObjectStore,
  batch: LfsBatch,
  pointer: LfsPointer,
  action: LfsAction,
  options: WorkOptions,
  count: MovedCount,
): Promise<void> {
  const rest = store.lfs.temporary(`part-${pointer.sha256}`);
  for (let attempt = 1; ; attempt++) {
    const temporary = store.lfs.temporary();
    // Whoever renames it has it for itself.
    await rename(rest, temporary).catch(ignoreMissing);
    const file = await open(temporary, "a+", 0o600);
    const part = new PartialFile(file, pointer);
    try {
      await part.begin();
      await fetchRest(batch, pointer, action, part, options, count);
      await file.sync();
      await file.close();
      store.lfs.adopt(temporary, pointer);
      return;
    } catch (error) {
      await file.close().catch(() => {});
      await (part.useful ? rename(temporary, rest) : unlink(temporary)).catch(ignoreMissing);
      if (options.signal?.aborted) throw errors.CANCELLED({});
      if (attempt === TRIES || !part.grew) throw error;
    }
  }
}

/** A file that holds the beginning of the content, and the hash of it. */
class PartialFile {
  bytes = 0;
  /** It has become longer than it was found. */
  grew = false;
  /** What is there may be the beginning of the content. */
  useful = false;
  readonly #file: FileHandle;
  readonly #pointer: LfsPointer;
  #hash: Hash = createHash("sha256");

  constructor(file: FileHandle, pointer: LfsPointer) {
    this.#file = file;
    this.#pointer = pointer;
  }

  /** Takes in what an earlier try left. */
  async begin(): Promise<void> {
    const block = Buffer.allocUnsafe(BLOCK);
    for (;;) {
      const { bytesRead } = await this.#file.read(block, 0, BLOCK, this.bytes);
      if (bytesRead === 0) break;
      this.#hash.update(block.subarray(0, bytesRead));
      this.bytes += bytesRead;
    }
    if (this.bytes > this.#pointer.bytes) await this.restart();
    this.useful = this.bytes > 0;
  }

  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#hash = createHash("sha256");
    this.bytes = 0;
    this.useful = false;
  }

  async add(chunk: Uint8Array): Promise<void> {
    if (this.bytes + chunk.length > this.#pointer.bytes) {
      this.useful = false;
      throw new Error("a big file is longer than it should be");
    }
    await this.#file.appendFile(chunk);
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    this.grew = true;
    this.useful = true;
  }

  /** Throws when it is not what it should be; then nothing of it is kept. */
  prove(): void {
    if (this.bytes < this.#pointer.bytes) throw new Error("the connection was cut");
    if (this.#hash.digest("hex") === this.#pointer.sha256) return;
    this.useful = false;
    this.grew = false;
    throw new Error(`the big file ${this.#pointer.sha256.slice(0, 12)}… does not match its id`);
  }
}

async function fetchRest(
  batch: LfsBatch,
  pointer: LfsPointer,
  { href, headers }: LfsAction,
  part: PartialFile,
  options: WorkOptions,
  count: MovedCount,
): Promise<void> {
  if (part.bytes < pointer.bytes || pointer.bytes === 0) {
    const wanted = part.bytes > 0 ? { ...headers, range: `bytes=${part.bytes}-` } : headers;
    const request = { method: "GET", url: href, headers: wanted, follow: true } as const;
    await batch.exchange(request, options, async (response) => {
      await place(response, part, batch);
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        await part.add(chunk);
        count.add(chunk.length);
      }
      part.prove();
    });
  } else part.prove();
}

/** A server that cannot go on from the middle sends everything again. */
async function place(response: HttpResponse, part: PartialFile, batch: LfsBatch): Promise<void> {
  const { status } = response;
  const from = Number(/^bytes (\d+)-/.exec(response.headers["content-range"] ?? "")?.[1]);
  if (status === 206 && from === part.bytes) return;
  if (![200, 206, 416].includes(status)) throw await batch.problem(response);
  await part.restart();
  if (status !== 200) throw new Error("it does not send the part that it was asked for");
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
