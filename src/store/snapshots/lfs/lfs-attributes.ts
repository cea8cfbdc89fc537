import { join } from "node:path";
import { type FileSystem, readIfThere, syncFile, writeFully } from "../files/file-system.ts";
import { encodeName } from "../files/names.ts";

/** `info/attributes`: one line per path ever stored as a big file, so that stock git with git-lfs restores it. */
export class LfsAttributes {
  readonly #fs: FileSystem;
  readonly #path: string;
  #known: Set<string> | undefined;

  constructor(fs: FileSystem, gitDirectory: string) {
    this.#fs = fs;
    this.#path = join(gitDirectory, "info", "attributes");
  }

  /** Adds lines for paths that have none. Durable when it resolves. */
  async add(paths: Iterable<string>): Promise<void> {
    const lines = [...new Set([...paths].map(attributeLine))].filter((line) => !this.#lines().has(line));
    if (lines.length === 0) return;
    // Appended in one write; the line feed first ends what a full disk may have cut off.
    const text = Buffer.from(`\n${lines.join("\n")}\n`, "latin1");
    const fd = this.#fs.openSync(this.#path, "a", 0o600);
    try {
      writeFully(this.#fs, fd, text);
      await syncFile(this.#fs, fd);
    } finally {
      this.#fs.closeSync(fd);
    }
    for (const line of lines) this.#lines().add(line);
  }

  #lines(): Set<string> {
    this.#known ??= new Set(readIfThere(this.#fs, this.#path)?.toString("latin1").split("\n"));
    return this.#known;
  }
}

/** Bytes of the line, as latin1. */
export function attributeLine(path: string): string {
  const bytes = encodeName(`/${path}`).toString("latin1");
  // In the pattern, characters with a meaning stand in brackets; a backslash needs one more inside them.
  const pattern = bytes.replace(/[*?[\\]/g, (char) => (char === "\\" ? "[\\\\]" : `[${char}]`));
  const quoted = /[\s"\\\x00-\x1f\x7f]/.test(pattern)
    ? `"${pattern.replace(/["\\\x00-\x1f\x7f]/g, escapeByte)}"`
    : pattern;
  return `${quoted} filter=lfs diff=lfs merge=lfs -text`;
}

function escapeByte(char: string): string {
  if (char === '"' || char === "\\") return `\\${char}`;
  return `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`;
}
