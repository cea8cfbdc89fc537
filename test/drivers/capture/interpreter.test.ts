import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { findInterpreter, interpreterKey } from "../../../src/drivers/capture/python/interpreter.ts";
import { temporaryFolder, writeFiles, writeScript } from "./fixtures.ts";

const NOTHING = "#!/bin/sh\n";

test("prefers what was told, then the command, the active environment, the project's own, the PATH", (t) => {
  const root = temporaryFolder(t);
  const python = (folder: string): string => writeScript(join(root, folder, "python"), NOTHING);
  const told = python("told");
  const active = python("active/bin");
  const conda = python("conda/bin");
  const own = python("project/.venv/bin");
  const plain = python("project/venv/bin");
  const onPath = python("path");
  const project = join(root, "project");
  const variables = {
    PATH: [join(root, "absent"), join(root, "path")].join(delimiter),
    VIRTUAL_ENV: join(root, "active"),
    CONDA_PREFIX: join(root, "conda"),
  };
  const find = (hints: object, without: readonly string[] = []): string | undefined => {
    const left = Object.entries(variables).filter(([name]) => !without.includes(name));
    return findInterpreter(project, Object.fromEntries(left), hints);
  };
  assert.equal(find({ pythonExecutable: told, command: { kind: "argv", argv: ["python"] } }), told);
  assert.equal(find({ pythonExecutable: "python" }), onPath);
  assert.equal(find({ pythonExecutable: ".venv/bin/python" }), own);
  assert.equal(find({ pythonExecutable: "/not/there" }), active);
  assert.equal(find({ command: { kind: "argv", argv: ["python", "x.py"] } }), onPath);
  assert.equal(find({ command: { kind: "argv", argv: ["make"] } }), active);
  assert.equal(find({}), active);
  assert.equal(find({}, ["VIRTUAL_ENV"]), conda);
  assert.equal(find({}, ["VIRTUAL_ENV", "CONDA_PREFIX"]), own);
  assert.equal(findInterpreter(root, { PATH: variables.PATH }, {}), onPath);
  assert.equal(findInterpreter(root, {}, {}), undefined);
  assert.equal(findInterpreter(join(root, "absent"), { PATH: "" }, {}), undefined);
  assert.ok(plain);
});

test("of two active environments takes the one whose programs come first on the PATH", (t) => {
  const root = temporaryFolder(t);
  writeScript(join(root, "a/bin/python"), NOTHING);
  const conda = writeScript(join(root, "b/bin/python"), NOTHING);
  const variables = {
    VIRTUAL_ENV: join(root, "a"),
    CONDA_PREFIX: join(root, "b"),
    PATH: [join(root, "b/bin"), join(root, "a/bin")].join(delimiter),
  };
  assert.equal(findInterpreter(root, variables, {}), conda);
});

test("finds the interpreter of a command: behind assignments and wrappers, in shell lines, by the first line", (t) => {
  const root = temporaryFolder(t);
  const bin = join(root, "bin");
  const python = writeScript(join(bin, "python3.9"), NOTHING);
  writeScript(join(bin, "torchrun"), `#!${python}\nimport x\n`);
  writeScript(join(bin, "relayed"), `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''\n`);
  writeScript(join(bin, "shelly"), "#!/bin/sh\npython3.9 x\n");
  writeScript(join(root, "train.py"), "#!/usr/bin/env -S python3.9\n");
  const variables = { PATH: bin };
  const argv = (...words: string[]): string | undefined =>
    findInterpreter(root, variables, { command: { kind: "argv", argv: words } });
  const shell = (text: string): string | undefined =>
    findInterpreter(root, variables, { command: { kind: "shell", text } });
  assert.equal(argv("python3.9", "x.py"), python);
  assert.equal(argv("env", "SEED=1", "python3.9", "x.py"), python);
  assert.equal(argv("torchrun", "--nproc=2", "x.py"), python);
  assert.equal(argv("relayed"), python);
  assert.equal(argv("./train.py"), python);
  assert.equal(argv("shelly"), undefined);
  assert.equal(argv(), undefined);
  assert.equal(shell("SEED=1 python3.9 x.py | tee log"), python);
  assert.equal(shell("cd src && exec torchrun x.py; echo done"), python);
  assert.equal(shell('echo python3.9; "$PYTHON" x.py; $(which python3.9)'), undefined);
  assert.equal(shell(""), undefined);
});

test("finds the environment in which a command runs: uv, pixi, conda, pdm, poetry, an activated one", (t) => {
  const root = temporaryFolder(t);
  const project = join(root, "project");
  const python = (folder: string): string => writeScript(join(root, folder, "bin", "python"), NOTHING);
  const own = python("project/.venv");
  const uv = python("uv-env");
  const active = python("active");
  const pixi = python("project/.pixi/envs/gpu");
  const pdm = python("pdm-env");
  const conda = python("conda/envs/ml");
  const base = python("conda");
  const home = python("home/.conda/envs/home-ml");
  const beside = python("venvs/beside");
  writeFiles(project, { ".pdm-python": `${pdm}\n` });
  const variables = {
    PATH: "",
    HOME: join(root, "home"),
    VIRTUAL_ENV: join(root, "active"),
    CONDA_EXE: join(root, "conda/bin/conda"),
  };
  const find = (text: string, more: Record<string, string> = {}): string | undefined => {
    const argv = findInterpreter(
      project,
      { ...variables, ...more },
      { command: { kind: "argv", argv: text.split(" ") } },
    );
    const shell = findInterpreter(
      project,
      { ...variables, ...more },
      { command: { kind: "shell", text: `X=1 ${text} && true` } },
    );
    assert.equal(argv, shell, text);
    return argv;
  };
  assert.equal(find("uv run train.py"), own);
  assert.equal(
    find("uv run --with rich python train.py", { UV_PROJECT_ENVIRONMENT: join(root, "uv-env") }),
    uv,
  );
  assert.equal(find("uv run --active train.py"), active);
  assert.equal(find("poetry run python train.py"), own);
  assert.equal(find("pdm run train"), pdm);
  assert.equal(find("pixi run -e gpu train"), pixi);
  assert.equal(find("pixi run train"), active, "an environment that is not there is not invented");
  assert.equal(find("conda run -n ml python train.py"), conda);
  assert.equal(find("conda run --name=base python train.py"), base);
  assert.equal(find("mamba run -p ../venvs/beside python train.py"), beside);
  assert.equal(find("micromamba run -n home-ml python train.py"), home);
  assert.equal(find("uv pip list"), active);
  assert.equal(find("../venvs/beside/bin/python train.py"), beside);
  const shell = (text: string): string | undefined =>
    findInterpreter(project, variables, { command: { kind: "shell", text } });
  assert.equal(shell("source ../venvs/beside/bin/activate && python train.py"), beside);
  assert.equal(shell(". .venv/bin/activate; train"), own);
  assert.equal(shell("source settings.sh"), active);
});

test("ignores what is no program", (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, "bin", "python3"), { recursive: true });
  writeFiles(root, { "bin/python": "not executable" });
  assert.equal(findInterpreter(root, { PATH: join(root, "bin") }, {}), undefined);
  assert.equal(findInterpreter(root, { PATH: "\0" }, { pythonExecutable: "a\0b" }), undefined);
});

test("the key changes with everything on which the answer depends, and with nothing else", (t) => {
  const root = temporaryFolder(t);
  const home = join(root, "home");
  const shim = writeScript(join(root, "bin/python"), "#!/usr/bin/env bash\n");
  const project = join(root, "work/project");
  mkdirSync(project, { recursive: true });
  const key = (more: Record<string, string> = {}): string =>
    interpreterKey(shim, project, { HOME: home, PATH: "/x", LS_COLORS: "1", ...more });
  const first = key();
  assert.equal(key({ LS_COLORS: "2", PATH: "/y" }), first);
  const seen = new Set([first]);
  const changed = (next: string): void => {
    assert.ok(!seen.has(next), "the key is new");
    seen.add(next);
  };
  changed(key({ PYTHONPATH: "src" }));
  changed(key({ PYENV_VERSION: "3.12" }));
  writeFiles(root, { "work/.python-version": "3.11" });
  changed(key());
  writeFiles(home, { ".pyenv/version": "3.10" });
  changed(key());
  mkdirSync(join(home, ".pyenv/versions/3.10"), { recursive: true });
  changed(key());
  writeFiles(root, { "pyvenv.cfg": "home = /usr" });
  changed(key());
  writeScript(shim, "#!/usr/bin/env bash\n# other\n");
  changed(key());
});
