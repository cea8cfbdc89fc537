import assert from "node:assert/strict";
import { test } from "node:test";
import { randomRunName } from "../../../src/domain/run-names.ts";

test("run names are two words, from the bytes given, all different", () => {
  assert.match(randomRunName(), /^[a-z]+-[a-z]+$/);
  assert.equal(randomRunName(Uint8Array.of(1, 2)), randomRunName(Uint8Array.of(129, 130)));
  const adjectives = new Set<string>();
  const animals = new Set<string>();
  for (let byte = 0; byte < 256; byte++) {
    const [adjective = "", animal = ""] = randomRunName(Uint8Array.of(byte, byte)).split("-");
    adjectives.add(adjective);
    animals.add(animal);
  }
  assert.equal(adjectives.size, 128);
  assert.equal(animals.size, 128);
  assert.deepEqual(
    [...adjectives].filter((word) => animals.has(word)),
    [],
  );
});
