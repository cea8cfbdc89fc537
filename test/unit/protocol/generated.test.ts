import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadContract } from "../../../protocol/generator/load.ts";
import { type Method, methodInfo } from "../../../src/protocol/methods.ts";
import { validateParams } from "../../../src/protocol/validators.js";

const root = join(import.meta.dirname, "..", "..", "..");
const contract = loadContract(root);

describe("what is generated", () => {
  it("has validators that run from an empty folder", () => {
    const folder = mkdtempSync(join(tmpdir(), "datmo-validators-"));
    try {
      writeFileSync(join(folder, "package.json"), '{"type":"module"}');
      for (const name of ["validators", "result-validators", "document-validators"]) {
        copyFileSync(join(root, "src", "protocol", `${name}.js`), join(folder, `${name}.js`));
        const run = spawnSync(process.execPath, [`${name}.js`], { cwd: folder, encoding: "utf8" });
        assert.equal(run.status, 0, run.stderr);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("tells what every method is", () => {
    assert.deepEqual(Object.keys(methodInfo).sort(), contract.methods.map(({ name }) => name).sort());
    for (const { name, record } of contract.methods) {
      const info = methodInfo[name as Method];
      assert.deepEqual(info.errors, record.errors);
      assert.equal(info.pluginAccess, record.pluginAccess);
      assert.equal(info.plumbing, record.plumbing ?? false);
    }
  });

  it("points at what is wrong with params", () => {
    const validate = validateParams["metric.log"];
    const points = { name: ["loss"], step: [1], value: ["nan"], at: [0] };
    assert.equal(validate({ runId: "k3vq", points }), false);
    assert.equal(validate.errors?.at(-1)?.instancePath, "/points/value/0");
    assert.equal(validate({ runId: "k3vq", pionts: points }), false);
    assert.deepEqual(validate.errors?.[0]?.params, { additionalProperty: "pionts" });
  });

  it("counts lengths in characters, not in UTF-16 units", () => {
    const validate = validateParams["run.get"];
    assert.equal(validate({ id: "🦩".repeat(200) }), true);
    assert.equal(validate({ id: "🦩".repeat(201) }), false);
  });

  it("links SPEC.md to headings that are there", () => {
    const spec = readFileSync(join(root, "protocol", "SPEC.md"), "utf8");
    const anchors = [...spec.matchAll(/^#+ (.+)$/gm)].map((match) => anchor(match[1]!));
    const links = [...spec.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1]!);
    assert.ok(links.length > 50);
    assert.deepEqual(
      links.filter((link) => !anchors.includes(link)),
      [],
    );
    assert.deepEqual(
      anchors.filter((name, index) => anchors.indexOf(name) !== index),
      [],
    );
  });

  it("has every method in OpenRPC, with references that lead somewhere", () => {
    const text = readFileSync(join(root, "protocol", "openrpc.json"), "utf8");
    const document = JSON.parse(text) as {
      methods: { name: string }[];
      components: Record<string, Record<string, unknown>>;
    };
    const names = document.methods.map(({ name }) => name);
    assert.deepEqual(
      contract.methods.filter(({ name }) => !names.includes(name)),
      [],
    );
    const refs = [...text.matchAll(/"\$ref": "#\/components\/(\w+)\/(\w+)"/g)];
    assert.equal(refs.length, text.split('"$ref"').length - 1);
    for (const [ref, kind, name] of refs) assert.ok(document.components[kind!]?.[name!], ref);
  });
});

function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
}
