import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DATMO, makePlace, type Place } from "../helpers/datmo-process.ts";
import { ask } from "../helpers/docker-engine.ts";
import { importNotebook } from "../helpers/notebook-image.ts";
import { importPip } from "../helpers/pip-image.ts";
import { PTY } from "../helpers/terminal.ts";
import { missingWheels } from "../helpers/wheel-folder.ts";
import { BUSYBOX, skip as noEngine, useEngine } from "./helpers.ts";

const skip = noEngine || missingWheels() || false;
const USE = fileURLToPath(new URL("../fixtures/workspaces/use-jupyter.ts", import.meta.url));
const PYTHON_CLIENT = resolve("clients/python/src/datmo");

describe("workspaces in containers", { skip }, () => {
  const box = useEngine();

  /** The engine publishes ports in a network of its own, so everything happens there. */
  async function inNetwork(place: Place, words: readonly string[], input = ""): Promise<Said> {
    const pid = readFileSync(join(box.engine.directory, "d.pid"), "utf8").trim();
    const child = spawn("nsenter", ["-t", pid, "-n", process.execPath, ...words], {
      cwd: place.directory,
      env: { ...process.env, DOCKER_HOST: box.engine.host, NO_COLOR: "1", DISPLAY: "" },
    });
    child.stdin.end(input);
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      said.stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said.stderr += chunk.toString();
    });
    const [code] = (await once(child, "close")) as [number];
    return { ...said, code };
  }

  interface Said {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }

  const datmo = (place: Place, ...words: string[]): Promise<Said> => inNetwork(place, [DATMO, ...words]);

  test("JupyterLab is put on an image without it; a cell in it logs to the run and takes a snapshot", async (t) => {
    await importPip(box.engine, "datmo-pip:test");
    const place = makePlace(t);
    await place.ok("init", "--force");
    place.write("datmo_environment/Dockerfile", "FROM datmo-pip:test\n");
    const before = JSON.parse((await datmo(place, "environment", "build", "--json")).stdout);
    const first = await datmo(place, "jupyterlab", "-d", "--name", "lab", "--ready", "3m");
    assert.equal(first.code, 0, first.stderr);
    assert.match(
      first.stderr,
      /JupyterLab is put on top of .* as a layer where it is not there; the environment stays as it is/,
    );
    const url = first.stdout.trim();
    assert.match(url, /^http:\/\/127\.0\.0\.1:8888\/lab\?token=[0-9a-f]{48}$/);
    const [listed] = JSON.parse((await datmo(place, "workspace", "ls", "--json")).stdout).items;
    assert.deepEqual([listed.url, listed.kind, listed.port], [url, "jupyterlab", 8888]);
    // Neither the engine nor the process table shows the secret.
    const token = new URL(url).searchParams.get("token") ?? "";
    const id = JSON.parse((await datmo(place, "run", "show", "lab", "--json")).stdout).run.container.id;
    assert.ok(!(await ask(box.engine.socket, `/containers/${id}/json`)).body.includes(token));
    cpSync(PYTHON_CLIENT, join(place.directory, "datmo"), { recursive: true });
    const code = [
      "import os, datmo",
      "print(os.getuid(), os.getcwd(), os.environ['DATMO_RUN_ID'])",
      "datmo.init().log({'loss': 0.25}, step=3)",
      "print(datmo.snapshot.create('from a cell').message)",
    ].join("\n");
    const used = JSON.parse(
      (await inNetwork(place, ["--import", import.meta.resolve("tsx"), USE, url, code])).stdout,
    );
    assert.deepEqual([used.secret, used.none], [200, 403]);
    assert.match(used.printed, /^\d+ \/home [a-z2-7]{26}\nfrom a cell\n$/);
    const stopped = await datmo(place, "workspace", "stop", "lab", "--json");
    const [run] = JSON.parse(stopped.stdout).runs;
    assert.deepEqual([run.status, run.type], ["stopped", "jupyterlab"]);
    assert.deepEqual(run.metrics, { loss: 0.25 });
    assert.equal(run.environmentId, before.environment.id);
    assert.equal(run.image.id, before.build.imageId);
    // The layer is there now, and the workspace comes up where it ended.
    const again = await datmo(place, "jupyterlab", "-d", "--ready", "3m");
    assert.doesNotMatch(again.stderr, /as a layer/);
    await datmo(place, "workspace", "stop", "--all");
  });

  test("the distribution's Notebook is used where an image has it", async (t) => {
    await importNotebook(box.engine, "datmo-notebook:test");
    const place = makePlace(t);
    await place.ok("init", "--force");
    place.write("datmo_environment/Dockerfile", "FROM datmo-notebook:test\n");
    const started = await datmo(place, "notebook", "-d", "--name", "sitting", "--ready", "3m");
    assert.equal(started.code, 0, started.stderr);
    assert.doesNotMatch(started.stderr, /as a layer where/);
    const url = started.stdout.trim();
    assert.match(url, /^http:\/\/127\.0\.0\.1:8888\/tree\?token=[0-9a-f]{48}$/);
    cpSync(PYTHON_CLIENT, join(place.directory, "datmo"), { recursive: true });
    const code =
      "import datmo; datmo.init().log({'loss': 0.5}); open('made.txt', 'w').write('x'); print(6 * 7)";
    const used = JSON.parse(
      (await inNetwork(place, ["--import", import.meta.resolve("tsx"), USE, url, code])).stdout,
    );
    assert.deepEqual([used.secret, used.none, used.printed], [200, 403, "42\n"]);
    const [run] = JSON.parse((await datmo(place, "workspace", "stop", "sitting", "--json")).stdout).runs;
    assert.deepEqual([run.status, run.type, run.metrics], ["stopped", "notebook", { loss: 0.5 }]);
    assert.equal(existsSync(join(place.directory, "made.txt")), true);
  });

  test("an image without Python says what to do, and nothing is left", async (t) => {
    const place = makePlace(t);
    await place.ok("init", "--force");
    place.write("datmo_environment/Dockerfile", `FROM ${BUSYBOX}\n`);
    const refused = await datmo(place, "jupyterlab", "-d", "--json");
    const { error } = JSON.parse(refused.stdout);
    assert.equal(error.kind, "WORKSPACE_PROGRAM_MISSING");
    assert.match(error.hint, /pip install jupyterlab/);
    assert.match(error.details.log, /the image has no Python/);
    const [run] = JSON.parse((await datmo(place, "run", "ls", "--json")).stdout).items;
    assert.deepEqual([run.status, run.error.kind], ["failed", "WORKSPACE_PROGRAM_MISSING"]);
  });

  test("RStudio Server is started as a user with a password of its own, on an image that has it", async (t) => {
    const place = makePlace(t);
    await place.ok("init", "--force");
    place.write(
      "datmo_environment/Dockerfile",
      `FROM ${BUSYBOX}\nCOPY rserver /usr/lib/rstudio-server/bin/rserver\nRUN chmod 755 /usr/lib/rstudio-server/bin/rserver\n`,
    );
    place.write("datmo_environment/rserver", RSERVER);
    const started = await datmo(place, "rstudio", "-d", "--json");
    assert.equal(started.code, 0, started.stderr + started.stdout);
    const { workspace } = JSON.parse(started.stdout);
    assert.match(workspace.url, /^http:\/\/127\.0\.0\.1:8787\/$/);
    assert.match(workspace.password, /^[0-9a-f]{48}$/);
    const words = JSON.parse(
      (
        await inNetwork(place, [
          "-e",
          `fetch(${JSON.stringify(workspace.url)}).then((r) => r.text()).then(console.log)`,
        ])
      ).stdout,
    );
    assert.ok(words.words.includes("--www-port=8787") && words.words.includes("--auth-none=0"));
    assert.deepEqual([words.right, words.wrong], [0, 1]);
    assert.ok(!words.words.includes(workspace.password));
    await datmo(place, "workspace", "stop", "--all");
  });

  test("a terminal has colours, size, job control and the shell's exit code, and is recorded", async (t) => {
    const place = makePlace(t);
    await place.ok("init", "--force");
    place.write("datmo_environment/Dockerfile", `FROM ${BUSYBOX}\n`);
    const pid = readFileSync(join(box.engine.directory, "d.pid"), "utf8").trim();
    const typed = [
      ["# ", "stty size; printf '\\033[31m%s\\n' r''ed; sh -c 'echo u\"\"p; exec cat'\n"],
      ["\nup", "\u001a"],
      ["Stopped", "fg\n"],
      ["fg\r", "hello\n"],
      ["\nhello", "\u0004"],
      ["# ", "exit 3\n"],
    ];
    const words = [
      "-c",
      PTY,
      JSON.stringify(typed),
      "91",
      "nsenter",
      "-t",
      pid,
      "-n",
      process.execPath,
      DATMO,
    ];
    const child = spawn("python3", [...words, "terminal", "--record", "--name", "shell"], {
      cwd: place.directory,
      env: { ...process.env, DOCKER_HOST: box.engine.host, TERM: "xterm", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let shown = "";
    child.stdout.on("data", (chunk: Buffer) => {
      shown += chunk.toString();
    });
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 3, shown);
    assert.match(shown, /24 91[\s\S]*\u001b\[31mred/);
    const { run, files } = JSON.parse((await datmo(place, "run", "show", "shell", "--json")).stdout);
    assert.deepEqual([run.type, run.exitCode, typeof run.afterSnapshotId], ["terminal", 3, "string"]);
    assert.deepEqual(
      files.map(({ path }: { path: string }) => path),
      ["terminal.cast"],
    );
    const [header, ...events] = place.read(`.datmo/tasks/${run.id}/terminal.cast`).trim().split("\n");
    assert.equal(JSON.parse(header ?? "").version, 2);
    assert.ok(
      events
        .map((line) => JSON.parse(line)[2])
        .join("")
        .includes("\u001b[31mred"),
    );
    const piped = await inNetwork(place, [DATMO, "terminal"], "echo pi''ped; exit 4\n");
    assert.deepEqual([piped.code, piped.stdout], [4, "piped\n"]);
  });
});

/** Answers on its port as RStudio Server would; tells the words it was started with, and what the log-in check says. */
const RSERVER = `#!/bin/sh
for word in "$@"; do case $word in --auth-pam-helper-path=*) login=\${word#*=} ;; --www-port=*) port=\${word#*=} ;; esac; done
words=$(printf '"%s",' "$@")
cat > /tmp/answer <<SCRIPT
#!/bin/sh
read -r line
token=\\$(cat $(dirname "$login")/token)
echo "\\$token" | $login me; right=\\$?
echo "no" | $login me; wrong=\\$?
printf 'HTTP/1.0 200 OK\\r\\nContent-Type: application/json\\r\\n\\r\\n{"words":[%s"end"],"right":%s,"wrong":%s}' '$words' \\$right \\$wrong
SCRIPT
chmod 755 /tmp/answer
exec nc -ll -p "$port" -e /tmp/answer
`;
