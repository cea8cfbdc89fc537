import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createCapture } from "../../../src/drivers/capture/capture.ts";
import type { EnvironmentFacts } from "../../../src/services/ports/capture.ts";
import { git } from "../../helpers/snapshot-project.ts";
import { laterClock, writeFiles } from "./fixtures.ts";

/** A build backend without dependencies, so that pip installs from folders and repositories without a network. */
const BACKEND = `
import base64, hashlib, os, zipfile
from spec import NAME, VERSION, MODULES
STEM = NAME.replace("-", "_") + "-" + VERSION

def build(folder, files):
    info = STEM + ".dist-info/"
    files = dict(files)
    files[info + "METADATA"] = "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n" % (NAME, VERSION)
    files[info + "WHEEL"] = "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    record = []
    name = STEM + "-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record.append("%s,sha256=%s,%d" % (path, digest, len(text.encode())))
            wheel.writestr(path, text)
        wheel.writestr(info + "RECORD", "\\n".join(record + [info + "RECORD,,"]) + "\\n")
    return name

def build_wheel(folder, config_settings=None, metadata_directory=None):
    return build(folder, {path: "" for path in MODULES})

def build_editable(folder, config_settings=None, metadata_directory=None):
    return build(folder, {"__editable__." + STEM + ".pth": os.path.join(os.getcwd(), "src") + "\\n"})
`;

/** The source of a package: pip builds it with the backend in its own folder. */
function packageSource(name: string, version: string, modules: readonly string[]): Record<string, string> {
  return {
    "pyproject.toml": `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n`,
    "backend.py": BACKEND,
    "spec.py": `NAME, VERSION, MODULES = ${JSON.stringify(name)}, ${JSON.stringify(version)}, ${JSON.stringify(modules)}\n`,
    ...Object.fromEntries(modules.map((path) => [`src/${path}`, ""])),
  };
}

const RUN_TIMEOUT = 120_000;
const canMakeEnvironments =
  process.env["DATMO_TEST_REQUIRE"] === "all" ||
  spawnSync("python3", ["-c", "import venv, ensurepip"], { stdio: "ignore" }).status === 0;

describe(
  "a virtual environment as pip makes it",
  {
    skip: canMakeEnvironments ? false : "python3 cannot make one; get it with: apt-get install python3-venv",
  },
  () => {
    let root: string;
    let project: string;
    let commit: string;

    const run = (program: string, ...args: string[]): string => {
      const environment = { ...process.env, PIP_NO_INDEX: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1" };
      const done = spawnSync(program, args, {
        cwd: root,
        encoding: "utf8",
        env: environment,
        timeout: RUN_TIMEOUT,
      });
      assert.equal(done.status, 0, `${program} ${args.join(" ")}\n${done.stderr}`);
      return done.stdout;
    };
    const pip = (...args: string[]): void =>
      void run(join(project, ".venv/bin/python"), "-m", "pip", ...args);
    const capture = async (hints = {}): Promise<EnvironmentFacts> => {
      const environment = { PATH: process.env["PATH"], HOME: root };
      return createCapture({
        projectDirectory: project,
        environment,
        now: laterClock,
        timeoutMs: 30_000,
      }).environment(hints);
    };

    before(() => {
      root = mkdtempSync(join(tmpdir(), "datmo-venv-"));
      project = join(root, "project");
      mkdirSync(project);
      run("python3", "-m", "venv", join(project, ".venv"));
      writeFiles(join(root, "Pillow"), packageSource("Pillow", "10.1", ["PIL/__init__.py", "PIL/Image.py"]));
      writeFiles(join(root, "plain"), packageSource("scikit-learn", "1.5", ["sklearn/__init__.py"]));
      writeFiles(
        join(root, "space-a"),
        packageSource("google-cloud-storage", "3.0", ["google/cloud/storage/__init__.py"]),
      );
      writeFiles(
        join(root, "space-b"),
        packageSource("google-cloud-bigquery", "2.0", ["google/cloud/bigquery/__init__.py"]),
      );
      writeFiles(join(root, "in-place"), packageSource("in-place", "0.1", ["in_place_module/__init__.py"]));
      writeFiles(join(root, "from-git"), packageSource("from-git", "0.2", ["from_git/__init__.py"]));
      git(["init", "-q", "-b", "main"], join(root, "from-git"));
      git(["add", "-A"], join(root, "from-git"));
      git(["commit", "-q", "-m", "one"], join(root, "from-git"));
      commit = git(["rev-parse", "HEAD"], join(root, "from-git")).trim();
      const folders = ["Pillow", "plain", "space-a", "space-b"].map((name) => join(root, name));
      const repository = `git+file://${join(root, "from-git")}`;
      pip("install", "-q", "--no-build-isolation", ...folders, "-e", join(root, "in-place"), repository);
    });
    after(() => rmSync(root, { recursive: true, force: true }));

    it("is found beside the project and by the command, and its packages are what pip says", async () => {
      writeFiles(project, { "train.py": "" });
      const listed = JSON.parse(
        run(join(project, ".venv/bin/python"), "-m", "pip", "list", "--format=json"),
      ) as { name: string; version: string }[];
      const expected = listed.map(({ name, version }) => `${name} ${version}`).sort();
      for (const argv of [[".venv/bin/python", "train.py"], ["uv", "run", "train.py"], ["make"]]) {
        const { python } = await capture({ command: { kind: "argv", argv } });
        assert.equal(python?.executable, join(project, ".venv/bin/python"));
        assert.deepEqual(python?.packages.map(({ name, version }) => `${name} ${version}`).sort(), expected);
      }
    });

    it("pins what scripts and notebooks import, each to the package that holds it", async () => {
      writeFiles(project, {
        "train.py": [
          "import argparse, json, numbers",
          "from PIL import Image",
          "from google.cloud import storage",
          "import from_git, in_place_module, own_package.part, helpers",
          "try:\n    import not_there\nexcept ImportError:\n    not_there = None",
          "if True:\n    import bs4",
          "import importlib\nplugin = importlib.import_module('sklearn.svm')",
        ].join("\n"),
        "own_package/part/deep.py": "from . import sibling\nfrom ..other import x\n",
        "src/in_src/__init__.py": "",
        "scripts/helper_user.py": "import in_src, helpers",
        "helpers.py": "",
        "explore.ipynb": JSON.stringify({
          cells: [{ cell_type: "code", source: "%pip install polars\nfrom google.cloud import bigquery" }],
          metadata: {},
        }),
      });
      const { python } = await capture();
      assert.deepEqual(python?.requirements.split("\n"), [
        `from-git @ git+file://${join(root, "from-git")}@${commit}`,
        "google-cloud-bigquery==2.0",
        "google-cloud-storage==3.0",
        "Pillow==10.1",
        "scikit-learn==1.5",
        "# installed by a notebook: polars",
        "# installed in place: in-place==0.1",
        "# not installed: beautifulsoup4",
        "# not installed: not_there",
        "",
      ]);
    });

    it("notices a package that pip removes", async () => {
      writeFiles(project, { "train.py": "import sklearn" });
      assert.match((await capture()).python?.requirements ?? "", /^scikit-learn==1\.5$/m);
      pip("uninstall", "-q", "-y", "scikit-learn");
      assert.match((await capture()).python?.requirements ?? "", /^# not installed: scikit-learn$/m);
    });
  },
);
