import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Place, ProcessOptions } from "./datmo-process.ts";

/** Replaces what is another every time by words of the same length, so that tables stay aligned. */
export function sanitised(text: string, place: Place): string {
  return (
    text
      .replaceAll(place.directory, "<folder>")
      .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<project-id>")
      .replace(/\b[0-9a-f]{40}\b/g, "<tree-id>")
      .replace(/\b[a-z2-7]{26}\b/g, "<id>".padEnd(26, "."))
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<time>".padEnd(19, "."))
      .replace(/\b(\d+ m )?\d+(\.\d+)? s\b/g, "<duration>")
      .replace(/host, Python [\d.]+(, \d+ packages?)?/g, "host, <python>")
      .replace(/\d+(\.\d+)? k?B of records/g, "<bytes> of records")
      .replace(/^Machine .*$/gm, "Machine      <machine>")
      .replace(/^GPUs .*\n/gm, "")
      // Stages of work that took long; whether it did depends on the machine.
      .replace(/^! [A-Z][a-z]+ing [^.:]*\n/gm, "")
  );
}

/** What a user sees: commands, what they print on stdout and stderr (marked `!`), their exit codes. */
export class Transcript {
  readonly #place: Place;
  readonly #lines: string[] = [];
  /** Ids of runs and snapshots by the word that stands for them. */
  readonly #words = new Map<string, string>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** From here on the id, and its beginning, show as this word. */
  name(word: string, id: string): void {
    this.#words.set(id, word);
  }

  async datmo(argv: readonly string[], options: ProcessOptions = {}): Promise<void> {
    const { code, stdout, stderr } = await this.#place.datmo(argv, options);
    this.#lines.push(
      `$ datmo ${argv.map((word) => (/^[\w.:=,/-]+$/.test(word) ? word : `'${word}'`)).join(" ")}`,
    );
    if (stdout !== "") this.#lines.push(stdout.replace(/\n$/, ""));
    if (stderr !== "") this.#lines.push(stderr.replace(/\n$/, "").replace(/^/gm, "! "));
    if (code !== 0) this.#lines.push(`[exit ${code}]`);
    this.#lines.push("");
  }

  /** Holds it against test/golden; `DATMO_UPDATE_GOLDEN=1` writes it instead. */
  check(file: string): void {
    const path = resolve("test/golden", file);
    const text = sanitised(this.#named(this.#lines.join("\n")), this.#place);
    if (process.env["DATMO_UPDATE_GOLDEN"]) {
      mkdirSync(resolve("test/golden"), { recursive: true });
      writeFileSync(path, text);
    }
    assert.equal(text, readFileSync(path, "utf8"));
  }

  #named(text: string): string {
    let named = text;
    for (const [id, word] of this.#words) {
      named = named
        .replaceAll(id, `<${word}>`.padEnd(26, "."))
        .replaceAll(id.slice(0, 8), `<${word}>`.padEnd(8, "."));
    }
    return named;
  }
}
