import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createCapture } from "../../../src/drivers/capture/capture.ts";
import { readDefinitionFolder } from "../../../src/drivers/capture/definition-folder.ts";
import { readLockFiles } from "../../../src/drivers/capture/lock-files.ts";
import { environmentFiles } from "../../../src/services/snapshots/environment-files.ts";
import { temporaryFolder, writeFiles } from "./fixtures.ts";

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

test("knows the definition and lock files of every packaging tool, and nothing else", (t) => {
  const root = temporaryFolder(t);
  const known = [
    ".python-version",
    "DESCRIPTION",
    "Dockerfile",
    "Pipfile",
    "Pipfile.lock",
    "conda-lock.yml",
    "dev-requirements.txt",
    "environment-gpu.yml",
    "environment.yaml",
    "environment.yml",
    "pdm.lock",
    "pixi.lock",
    "pixi.toml",
    "poetry.lock",
    "pylock.dev.toml",
    "pylock.toml",
    "pyproject.toml",
    "renv.lock",
    "requirements-dev.txt",
    "requirements.in",
    "requirements.txt",
    "requirements_test.txt",
    "setup.cfg",
    "uv.lock",
  ];
  const unknown = [
    "notes.txt",
    "my.lock",
    "requirements.md",
    "package.json",
    "environment.txt",
    "sub/uv.lock",
  ];
  writeFiles(root, Object.fromEntries([...known, ...unknown].map((name) => [name, `${name}\n`])));
  writeFiles(root, { "requirements-huge.txt": Buffer.alloc((2 << 20) + 1, 32) });
  assert.deepEqual(Object.keys(readLockFiles(root)), known);
});

test("the folder of a definition is identified by content only: not by line ends, place, machine or passwords", (t) => {
  const [a, b] = [temporaryFolder(t), temporaryFolder(t)];
  const files = {
    Dockerfile: "FROM x\nRUN y\n",
    "app/requirements.txt": "one==1\n",
    "app/data.bin": Buffer.from([0, 13, 10]),
  };
  writeFiles(join(a, "datmo_environment"), files);
  writeFiles(join(b, "datmo_environment"), { ...files, Dockerfile: "FROM x\r\nRUN y\r\n" });
  const [left, right] = [a, b].map(readDefinitionFolder);
  assert.deepEqual(left, right);
  assert.deepEqual(left, {
    folder: "datmo_environment",
    files: {
      Dockerfile: { sha256: sha256(files.Dockerfile), content: files.Dockerfile },
      "app/data.bin": { sha256: sha256(files["app/data.bin"]) },
      "app/requirements.txt": { sha256: sha256("one==1\n"), content: "one==1\n" },
    },
  });
  const id = (root: string): string =>
    JSON.stringify(
      Object.entries(readDefinitionFolder(root)?.files ?? {}).map(([path, { sha256 }]) => [path, sha256]),
    );
  assert.equal(id(a), id(b));
  writeFileSync(join(b, "datmo_environment/app/requirements.txt"), "one==2\n");
  assert.notEqual(id(a), id(b));
  writeFiles(join(b, "datmo_environment"), {
    "app/requirements.txt": "one==1\n",
    "app/data.bin": Buffer.from([0, 10]),
  });
  assert.notEqual(id(a), id(b), "bytes of what is no text count as they are");
  const masked = (password: string): string => {
    writeFiles(join(b, "datmo_environment"), {
      "pip.conf": `index-url = https://me:${password}@host/simple\n`,
    });
    return id(b);
  };
  assert.equal(masked("one"), masked("two"));
  assert.equal(readDefinitionFolder(temporaryFolder(t)), undefined);
});

test("the visible folder comes before the hidden one; secrets, links and empty folders are no definition", (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, {
    "datmo_environment/.env": "KEY=1",
    ".datmo/environment/requirements.txt": "hidden\n",
    x: "",
  });
  symlinkSync(join(root, "x"), join(root, "datmo_environment", "linked"));
  assert.deepEqual(Object.keys(readDefinitionFolder(root)?.files ?? {}), ["requirements.txt"]);
  writeFiles(root, { "datmo_environment/environment.yml": "visible\n" });
  assert.deepEqual(readDefinitionFolder(root)?.folder, "datmo_environment");
  assert.deepEqual(Object.keys(readDefinitionFolder(root)?.files ?? {}), ["environment.yml"]);
});

test("the component holds the definition, and the project's own lock files beside it", async (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, { "uv.lock": "locked\r\n", "requirements.txt": "root\n" });
  const capture = createCapture({ projectDirectory: root, environment: { PATH: "" } });
  const component = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      environmentFiles(await capture.environment()).map(({ path, content }) => [path, content]),
    );
  assert.deepEqual(await component(), {
    "definition/requirements.txt": "root\n",
    "definition/uv.lock": "locked\n",
  });
  writeFiles(root, { "datmo_environment/requirements.txt": "own\n" });
  assert.deepEqual(await component(), {
    "definition/requirements.txt": "own\n",
    "locks/requirements.txt": "root\n",
    "locks/uv.lock": "locked\n",
  });
});

test("packages are listed with where they came from, missing ones as missing", () => {
  const files = environmentFiles({
    lockFiles: {},
    python: {
      version: "3.11.2",
      executable: "/usr/bin/python3",
      requirements: "a==1\n",
      packages: [
        { name: "a", version: "1" },
        { name: "b", version: "1", source: "git+https://h/b@c0ffee" },
      ],
    },
    r: { version: "4.3.1", packages: [{ name: "dplyr", version: "1.1.4" }], missing: ["sf"] },
    conda: {
      prefix: "/opt/conda",
      packages: [{ name: "numpy", version: "1", build: "h1", channel: "main/linux-64" }],
    },
  });
  assert.deepEqual(Object.fromEntries(files.map(({ path, content }) => [path, content])), {
    "requirements.txt": "a==1\n",
    "python-packages.txt": "a==1\nb==1 # git+https://h/b@c0ffee\n",
    "python-version": "3.11.2\n",
    "r-packages.txt": "dplyr 1.1.4\n# not installed: sf\n",
    "r-version": "4.3.1\n",
    "conda-packages.txt": "numpy 1 h1 main/linux-64\n",
  });
});
