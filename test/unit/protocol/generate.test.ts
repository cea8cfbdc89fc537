/* The generator as CI calls it, on a copy of what it reads and writes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";

const root = join(import.meta.dirname, "..", "..", "..");
const copy = mkdtempSync(join(tmpdir(), "datmo-generate-"));
for (const folder of ["protocol", "schemas", "src/protocol", "clients/python/src/datmo", "clients/r"]) {
  cpSync(join(root, folder), join(copy, folder), { recursive: true });
}

function generate(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const script = join(root, "protocol", "generator", "generate.ts");
  return spawnSync(process.execPath, ["--import", "tsx", script, "--root", copy, ...args], {
    cwd: root,
    encoding: "utf8",
  });
}

describe("generate", () => {
  after(() => rmSync(copy, { recursive: true }));

  it("--check is content with what is committed", () => {
    const { status, stderr } = generate("--check");
    assert.equal(stderr, "");
    assert.equal(status, 0);
  });

  it("--check names each stale and each missing file and writes nothing; without it both are put right", () => {
    const stale = join(copy, "clients/python/src/datmo/errors.py");
    const before = readFileSync(stale, "utf8");
    writeFileSync(stale, `${before}\n`);
    rmSync(join(copy, "src/protocol/methods.ts"));
    const check = generate("--check");
    assert.equal(check.status, 1);
    assert.deepEqual(check.stderr.match(/[\w/-]+\.(ts|py|js|R|md|json)/g), [
      "src/protocol/methods.ts",
      "clients/python/src/datmo/errors.py",
    ]);
    assert.equal(readFileSync(stale, "utf8"), `${before}\n`);
    const write = generate();
    assert.equal(write.status, 0);
    assert.equal(readFileSync(stale, "utf8"), before);
    const methods = readFileSync(join(copy, "src/protocol/methods.ts"), "utf8");
    assert.equal(methods, readFileSync(join(root, "src/protocol/methods.ts"), "utf8"));
  });

  it("refuses a broken contract before it writes anything", () => {
    const file = join(copy, "protocol/messages/task.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"summary": "One task."', '"summary": ""'));
    const { status, stderr } = generate();
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^messages\/task\.json\/methods\/task\.get\/summary must NOT have fewer than 1 characters$/m,
    );
  });
});
