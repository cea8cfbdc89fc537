import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assertVersion, pythonVersion, rVersion } from "../../../scripts/package/versions.mjs";

const VERSIONS = [
  ["1.0.0-alpha.1", "1.0.0a1", "0.99.1"],
  ["1.0.0-beta.2", "1.0.0b2", "0.99.102"],
  ["1.0.0-rc.1", "1.0.0rc1", "0.99.201"],
  ["1.0.0", "1.0.0", "1.0.0"],
  ["1.0.1-alpha.3", "1.0.1a3", "1.0.0.9003"],
  ["1.0.1", "1.0.1", "1.0.1"],
  ["1.2.0-rc.2", "1.2.0rc2", "1.1.99.202"],
  ["1.2.0", "1.2.0", "1.2.0"],
] as const;

test("the version as Python and R write it, older ones before newer ones", () => {
  for (const [version, python, r] of VERSIONS) {
    assert.equal(pythonVersion(version), python);
    assert.equal(rVersion(version), r);
  }
  const ofR = VERSIONS.map(([, , r]) => r.split(".").map(Number));
  for (const [index, newer] of ofR.slice(1).entries()) {
    const older = ofR[index] as number[];
    const at = newer.findIndex((part, place) => part !== older[place]);
    assert.ok((newer[at] as number) > (older[at] ?? -1), `${newer.join(".")} after ${older.join(".")}`);
  }
  assert.throws(() => rVersion("next"), /no version/);
});

test("a package whose version is another is not made", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "datmo-version-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "DESCRIPTION");
  writeFileSync(path, "Package: datmo\nVersion: 0.99.1\n");
  assertVersion(path, /^Version: (.*)$/m, "0.99.1");
  assert.throws(
    () => assertVersion(path, /^Version: (.*)$/m, "1.0.0"),
    /says 0.99.1, but the version is 1.0.0/,
  );
});
