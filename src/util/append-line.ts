import { constants } from "node:fs";
import { openRegularFile, UnusableFile } from "./safe-files.ts";

const NEWLINE = 10;

/**
 * Appends one line to a file (made when missing, 0600) in a single write, which other appenders cannot cut
 * in two on a local disk. A line that a full disk tore before is closed first, so that it spoils only itself;
 * when another process is just appending that may leave an empty line, which readers pass over.
 * Throws `UnusableFile` for anything but a regular file, else what the system says.
 */
export async function appendLine(path: string, line: string): Promise<void> {
  const { O_RDWR, O_APPEND, O_CREAT } = constants;
  const file = await openRegularFile(path, O_RDWR | O_APPEND | O_CREAT);
  if (!file) throw new UnusableFile("its folder is missing");
  try {
    const last = Buffer.alloc(1, NEWLINE);
    if (file.stats.size > 0) await file.handle.read(last, 0, 1, file.stats.size - 1);
    const bytes = Buffer.from(`${last[0] === NEWLINE ? "" : "\n"}${line}\n`);
    const { bytesWritten } = await file.handle.write(bytes);
    if (bytesWritten < bytes.length) {
      throw Object.assign(new Error("no space left for the line"), { code: "ENOSPC" });
    }
  } finally {
    await file.handle.close();
  }
}
