import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { PktReader } from "../http/pkt-line.ts";

const CHECKSUM = 20;
const PROGRESS = /([A-Z][a-z]+(?: [a-z]+)*): +\d+% \((\d+)\/(\d+)\)/;

/** Writes the pack in an answer of `git-upload-pack` to a new file. Throws when it is cut off or damaged. */
export async function savePack(
  body: AsyncIterable<Uint8Array>,
  path: string,
  options: WorkOptions,
): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    const checksum = new TrailingChecksum();
    for await (const data of packData(body, options)) {
      checksum.update(data);
      await file.writeFile(data);
    }
    if (!checksum.matches()) throw new Error("the pack that came is cut off or damaged");
  } finally {
    await file.close();
  }
}

async function* packData(body: AsyncIterable<Uint8Array>, options: WorkOptions): AsyncGenerator<Buffer> {
  const reader = new PktReader(body);
  for (let packet = await reader.next(); packet !== undefined; packet = await reader.next()) {
    // A flush ends the side bands.
    if (packet === null) continue;
    const text = packet[0] !== 1 ? packet.toString("utf8", packet[0] === 2 || packet[0] === 3 ? 1 : 0) : "";
    if (packet[0] === 1) yield packet.subarray(1);
    else if (packet[0] === 2) tell(text, options);
    else if (packet[0] === 3 || text.startsWith("ERR ")) throw new Error(text.replace(/^ERR /, "").trim());
    else if (!/^(NAK|ACK [0-9a-f]{40}.*)\n?$/.test(text))
      throw new Error("the answer is not what a git server sends");
  }
}

function tell(text: string, { progress }: WorkOptions): void {
  const match = PROGRESS.exec(text);
  if (match?.[1]) progress?.({ message: match[1], done: Number(match[2]), total: Number(match[3]) });
}

/** A pack ends with the hash of everything before it. */
class TrailingChecksum {
  readonly #hash = createHash("sha1");
  #tail: Buffer = Buffer.alloc(0);

  update(data: Buffer): void {
    const all = this.#tail.length > 0 ? Buffer.concat([this.#tail, data]) : data;
    const end = Math.max(0, all.length - CHECKSUM);
    this.#hash.update(all.subarray(0, end));
    this.#tail = Buffer.from(all.subarray(end));
  }

  matches(): boolean {
    return this.#hash.digest().equals(this.#tail);
  }
}
