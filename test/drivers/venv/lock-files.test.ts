import assert from "node:assert/strict";
import { test } from "node:test";
import { readCondaFile } from "../../../src/drivers/venv/conda-file.ts";
import { indexOptions, requirementsIn } from "../../../src/drivers/venv/requirement-set.ts";
import { readUvLock } from "../../../src/drivers/venv/uv-lock.ts";
import { isDatmoError } from "../../../src/protocol/errors.ts";

const PYPI = 'source = { registry = "https://pypi.org/simple" }';

function lock(...packages: readonly string[]): string {
  return `version = 1\nrequires-python = ">=3.11"\n${packages.map((one) => `[[package]]\n${one}\n`).join("")}`;
}

test("a uv.lock: transitive conditions, extras, groups, forks, hashes and other sources", () => {
  const set = readUvLock(
    lock(
      `name = "app"\nversion = "0.1"\nsource = { editable = "." }
dependencies = [
  { name = "a", extra = ["fast"] },
  { name = "torch", version = "2.0", source = { registry = "https://download.pytorch.org/whl/cpu" }, marker = "sys_platform == 'linux'" },
  { name = "torch", version = "2.0+mac", marker = "sys_platform == 'darwin'" },
]
[package.dev-dependencies]\ndev = [{ name = "pytest" }]\ndocs = [{ name = "sphinx" }]`,
      `name = "a"\nversion = "1"\n${PYPI}\ndependencies = [{ name = "b", marker = "os_name == 'nt'" }, { name = "c" }]
[package.optional-dependencies]\nfast = [{ name = "d" }]`,
      `name = "b"\nversion = "2"\n${PYPI}\ndependencies = [{ name = "c" }, { name = "e" }]`,
      `name = "c"\nversion = "3"\n${PYPI}`,
      `name = "d"\nversion = "4"\nsource = { git = "https://example.org/d?rev=main#0123abc" }`,
      `name = "e"\nversion = "5"\n${PYPI}`,
      `name = "pytest"\nversion = "8"\n${PYPI}`,
      `name = "sphinx"\nversion = "9"\n${PYPI}`,
      `name = "torch"\nversion = "2.0"\nsource = { registry = "https://download.pytorch.org/whl/cpu" }`,
      `name = "torch"\nversion = "2.0+mac"\n${PYPI}`,
    ),
  );
  assert.deepEqual(set.lines, [
    "--extra-index-url https://download.pytorch.org/whl/cpu",
    "a==1",
    "b==2 ; (os_name == 'nt')",
    "c==3",
    "d @ git+https://example.org/d@0123abc",
    "e==5 ; (os_name == 'nt')",
    "pytest==8",
    "torch==2.0 ; (sys_platform == 'linux')",
    "torch==2.0+mac ; (sys_platform == 'darwin')",
  ]);
  assert.equal(set.minimum, 11);
});

test("a uv.lock in which everything has a hash keeps them", () => {
  const set = readUvLock(
    lock(
      `name = "app"\nsource = { virtual = "." }\ndependencies = [{ name = "a" }]`,
      `name = "a"\nversion = "1"\n${PYPI}\nsdist = { hash = "sha256:bb" }\nwheels = [{ hash = "sha256:aa" }]`,
    ),
  );
  assert.deepEqual(set.lines, ["a==1 --hash=sha256:aa --hash=sha256:bb"]);
});

test("what is no lock is told", () => {
  for (const text of ["version = ", "version = 1", lock(`name = "a"\nversion = "1"\n${PYPI}`)]) {
    assert.throws(
      () => readUvLock(text),
      (error) => isDatmoError(error) && error.kind === "LOCK_FILE_INVALID",
    );
  }
});

test("an environment.yml: the pip part, the version of Python, and what is conda's", () => {
  const text = `name: x
dependencies:
  - python=3.11
  - conda-forge::numpy>=1.26
  - pip
  - pip:
      - a==1
      - -r more.txt
`;
  assert.deepEqual(readCondaFile(text, "environment.yml"), {
    pip: ["a==1", "-r more.txt"],
    python: "3.11",
    conda: ["conda-forge::numpy>=1.26"],
  });
});

test("requirements are told from options, comments and hashes", () => {
  const text = `--index-url https://example.org/simple
-f ./wheels   # local
a==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
B_c[extra] === 2.0+cpu ; python_version < "4"   # pinned
d>=3
e @ https://example.org/e.whl
-r more.txt
`;
  assert.deepEqual(
    requirementsIn(text).map(({ name, version }) => [name, version]),
    [
      ["a", "1.0"],
      ["B_c", "2.0+cpu"],
      ["d", undefined],
      ["e", undefined],
    ],
  );
  assert.deepEqual(indexOptions(text), ["--index-url", "https://example.org/simple", "-f", "./wheels"]);
});
