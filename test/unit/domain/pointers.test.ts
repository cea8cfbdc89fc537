import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { localPath, pointerProblem, pointersIn, pointerValue } from "../../../src/domain/pointers.ts";
import { validatePointer } from "../../../src/protocol/document-validators.js";
import type { Json } from "../../../src/util/json.ts";

const SHA = "ab".repeat(32);

describe("pointers in a config", () => {
  it("are found at any depth, in lists too, and told by their keys", () => {
    const config = {
      lr: 0.1,
      data: { train: { $pointer: "s3://b/train", size: 3 }, "a.b": [{ $pointer: "/data", sha256: SHA }] },
    };
    assert.deepEqual(pointersIn(config), {
      pointers: [
        { keys: ["data", "train"], target: "s3://b/train", size: 3 },
        { keys: ["data", "a.b", "0"], target: "/data", sha256: SHA },
      ],
      problems: [],
    });
    assert.equal(pointerProblem(config), undefined);
  });

  const wrong: [value: Record<string, Json>, reason: RegExp][] = [
    [{ $pointer: "" }, /path or an address/],
    [{ $pointer: 3 }, /path or an address/],
    [{ $pointer: "a\0b" }, /no path and no address/],
    [{ $pointer: "x".repeat(5000) }, /no path/],
    [{ $pointer: "file://other-host/data" }, /names no path here/],
    [{ $pointer: "a", sha256: "abc" }, /64 hexadecimal/],
    [{ $pointer: "a", sha256: SHA.toUpperCase() }, /lower case/],
    [{ $pointer: "a", size: -1 }, /number of bytes/],
    [{ $pointer: "a", size: 1.5 }, /number of bytes/],
    [{ $pointer: "a", hash: "x" }, /has the key hash/],
  ];
  for (const [value, reason] of wrong) {
    it(`${JSON.stringify(value).slice(0, 50)} is none, and the key is named`, () => {
      assert.match(pointerProblem({ data: { train: value } }) ?? "", /^the pointer data\.train: /);
      assert.match(pointerProblem({ data: { train: value } }) ?? "", reason);
    });
  }

  it("agree with the schema of what lies on disk", () => {
    const sound = pointerValue({ target: "data/x", sha256: SHA, size: 0 });
    assert.ok(validatePointer(sound));
    for (const [value] of wrong) {
      // That a host is not this one is more than a schema can say.
      if (value["$pointer"] === "file://other-host/data") continue;
      assert.ok(!validatePointer(value), JSON.stringify(value).slice(0, 60));
    }
  });

  it("name a path here or an address elsewhere", () => {
    assert.equal(localPath("data/x"), "data/x");
    assert.equal(localPath("file:///data/a%20b"), "/data/a b");
    assert.equal(localPath("s3://bucket/x"), undefined);
    assert.equal(localPath("HTTPS://host/x"), undefined);
  });
});
