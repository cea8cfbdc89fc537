/* Every kind of error is used somewhere, or stands in unthrown-kinds.json, a list that only shrinks. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { errorTable } from "../../../src/protocol/errors.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const generated =
  /^(src\/protocol\/|clients\/python\/src\/datmo\/(errors|_protocol)\.py$|clients\/r\/R\/protocol\.R$)/;
const source = /^(src\/.*\.ts|clients\/python\/src\/.*\.py|clients\/r\/R\/.*\.R)$/;
const allowed = JSON.parse(
  readFileSync(join(import.meta.dirname, "unthrown-kinds.json"), "utf8"),
) as string[];

function sources(): string[] {
  const files = ["src", "clients"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );
  return files.filter((file) => source.test(file) && !generated.test(file));
}

/** Made by its factory, or named as text (problems that are reported, clients) except in a comparison. */
function usedKinds(text: string): string[] {
  const factories = [...text.matchAll(/\berrors\.([A-Z_]+)\b/g)];
  const names = [...text.matchAll(/(?<![=!]=\s*)["']([A-Z]+(?:_[A-Z]+)*)["'](?!\s*[=!]=)/g)];
  return [...factories, ...names].map((match) => match[1]!);
}

describe("kinds of errors", () => {
  const used = new Set(sources().flatMap((file) => usedKinds(readFileSync(join(root, file), "utf8"))));
  const kinds = Object.keys(errorTable);

  it("are used somewhere, or are known not to be", () => {
    assert.ok(used.has("RUN_NOT_FOUND"), "the search finds nothing");
    assert.deepEqual(
      kinds.filter((kind) => !used.has(kind) && !allowed.includes(kind)),
      [],
    );
  });

  it("leave the list of unused ones once they are used", () => {
    assert.deepEqual(
      allowed.filter((kind) => used.has(kind) || !kinds.includes(kind)),
      [],
    );
  });

  it("are told from other words", () => {
    assert.deepEqual(usedKinds("throw errors.DISK_FULL({})"), ["DISK_FULL"]);
    assert.deepEqual(usedKinds('{ kind: "JOURNAL_GAP" }'), ["JOURNAL_GAP"]);
    assert.deepEqual(usedKinds('if (e.kind === "RUN_LOST" || "TIMEOUT" == e.kind) return'), []);
  });
});
