import { open } from "node:fs/promises";
import { errors } from "../../../../protocol/errors.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import type { LfsPointer } from "../../lfs/lfs-pointer.ts";
import type { MovedCount } from "./big-file-place.ts";
import type { LfsActions, LfsBatch } from "./lfs-batch.ts";

const BLOCK = 256 * 1024;

/** Sends one big file in constant memory. */
export async function uploadFile(
  path: string,
  batch: LfsBatch,
  pointer: LfsPointer,
  { upload, verify }: LfsActions,
  options: WorkOptions,
  count: MovedCount,
): Promise<void> {
  if (!upload) return;
  const headers = { "content-type": "application/octet-stream", ...upload.headers };
  const body = { chunks: content(path, pointer, count), length: pointer.bytes };
  const { "transfer-encoding": _, ...plain } = headers as Record<string, string>;
  const request = { method: "PUT", url: upload.href, headers: plain, body } as const;
  await batch.exchange(request, options, async (response) => {
    if (response.status >= 300) throw await batch.problem(response);
  });
  if (verify) await batch.verify(pointer, verify, options);
}

async function* content(path: string, pointer: LfsPointer, count: MovedCount): AsyncGenerator<Uint8Array> {
  const file = await open(path, "r");
  try {
    let bytes = 0;
    for (;;) {
      // Each block is on its way while the next one is read.
      const block = Buffer.allocUnsafe(BLOCK);
      const { bytesRead } = await file.read(block, 0, BLOCK, bytes);
      if (bytesRead === 0) break;
      bytes += bytesRead;
      yield block.subarray(0, bytesRead);
      count.add(bytesRead);
    }
    if (bytes !== pointer.bytes) {
      throw errors.SNAPSHOT_CORRUPT({ id: pointer.sha256, reason: "a big file changed while it was sent" });
    }
  } finally {
    await file.close();
  }
}
