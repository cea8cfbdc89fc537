import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** Leaves what a script with its client leaves of a run: a journal, and a spool with one point. See docs/formats.md. */
export async function leaveRun(project, id) {
  const folder = join(project, ".datmo", "tasks", id);
  for (const name of ["journal", "spool", "reply"]) await mkdir(join(folder, name), { recursive: true });
  const at = new Date().toISOString();
  const lines = [
    { v: 1, type: "begin", at, run: { id, command: ["train"], config: { lr: 0.1 } } },
    { v: 1, type: "config", at, config: { epochs: 3 } },
    { v: 1, type: "end", at, status: "succeeded", exitCode: 0 },
  ];
  const journal = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  await writeFile(join(folder, "journal", `${"j".repeat(26)}.jsonl`), journal);
  await writeFile(join(folder, "spool", `${"s".repeat(26)}.bin`), spool(id, "loss"));
}

function spool(id, name) {
  const bytes = Buffer.alloc(64 + 3 * 32);
  bytes.write("DATMOSPL", 0, "latin1");
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(64, 12);
  bytes.writeUInt32LE(1, 16);
  bytes.write(id, 24, "latin1");
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  bytes.writeDoubleLE(name.length, 64 + 8);
  bytes.writeUInt32LE(0xffffffff, 64 + 24);
  bytes.writeUInt32LE((crc32(name) ^ slotCheck(0, 0xffffffff)) >>> 0, 64 + 28);
  bytes.write(name, 64 + 32, "latin1");
  bytes.writeDoubleLE(0.5, 128 + 8);
  bytes.writeDoubleLE(Date.now() / 1000, 128 + 16);
  bytes.writeUInt32LE(slotCheck(2, 0), 128 + 28);
  return bytes;
}

function slotCheck(slot, number) {
  return (Math.imul(slot, 2654435761) + number + 1) >>> 0;
}
