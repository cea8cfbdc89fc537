import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../src/protocol/types.ts";
import { makePlace, type Outcome, type Place } from "../helpers/datmo-process.ts";
import { BUSYBOX, skip, useEngine } from "./helpers.ts";

/* Runs in containers as a user starts them: the built command line and a real engine. */

describe("runs in containers", { skip }, () => {
  const box = useEngine();

  interface Project {
    readonly place: Place;
    run(...argv: string[]): Promise<Outcome>;
    datmo(...argv: string[]): Promise<Outcome>;
    newest(): Promise<Run>;
    variables: Record<string, string>;
  }

  async function project(t: TestContext): Promise<Project> {
    const place = makePlace(t);
    const variables = { DOCKER_HOST: box.engine.host };
    const datmo = (...argv: string[]): Promise<Outcome> => place.datmo(argv, { variables });
    await place.ok("init", "--force");
    assert.equal((await datmo("environment", "create", "--image", BUSYBOX, "--name", "box")).code, 0);
    return {
      place,
      variables,
      datmo,
      run: (...argv) => datmo("run", "-e", "box", ...argv),
      async newest() {
        const { stdout } = await datmo("run", "ls", "--json");
        return (JSON.parse(stdout) as { items: Run[] }).items[0] as Run;
      },
    };
  }

  test("takes metrics from output and journal, files from /task, and repeats it with the same result", async (t) => {
    const { run, datmo, newest, place } = await project(t);
    place.write("work.sh", 'echo "loss: 0.25"\ndatmo log acc=.5 n=007 --step 3\necho made >/task/out.txt\n');
    const ran = await run("sh", "work.sh");
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /^Environment box \(docker\): it was asked for\.$/m);
    const first = await newest();
    assert.deepEqual(first.metrics, { loss: 0.25, acc: 0.5, n: 7 });
    assert.equal(first.driver, "docker");
    assert.match(first.image?.id ?? "", /^sha256:[0-9a-f]{64}$/);
    assert.match(first.container?.id ?? "", /^[0-9a-f]{64}$/);
    assert.deepEqual(first.environment, { name: "box", kind: "docker", reason: "it was asked for" });
    const snapshot = JSON.parse(
      (await datmo("snapshot", "inspect", first.afterSnapshotId ?? "", "--json")).stdout,
    );
    assert.equal(snapshot.snapshot.environmentId, first.environmentId);
    assert.deepEqual(
      snapshot.snapshot.files.map(({ path }: { path: string }) => path),
      ["out.txt"],
    );

    const again = await datmo("rerun", first.id, "--verify");
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.match(again.stdout, /^Same: 3 metrics and 1 file compared, no difference\.$/m);
    const second = await newest();
    assert.equal(second.taskId, first.taskId);
    assert.equal(second.image?.id, first.image?.id);
    assert.equal(second.isolated, true);
  });

  test("gives data, ports, limits and variables, keeps them with the task, and files are the owner's", async (t) => {
    const { run, newest, place } = await project(t);
    const outside = join(place.directory, "..", "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "a"), "A\n");
    place.write("in/b", "B\n");
    const script =
      "cat /data/outside/a /data/b; echo $SEED; echo new >/data/outside/new; echo x >/data/b; echo own >mine";
    const ran = await run(
      ...["--data", outside, "--data", "in>b:ro", "-m", "64m", "--cpus", "0.5", "-p", "0:8000"],
      ...[
        "--env",
        "SEED=7",
        "--",
        "sh",
        "-c",
        script.replace("/data/b;", "/data/b/b;").replace(">/data/b;", ">/data/b/b;"),
      ],
    );
    // Two streams have no order between them.
    for (const line of [/^A$/m, /^B$/m, /^7$/m, /Read-only file system/])
      assert.match(ran.stdout, line, ran.stderr);
    assert.equal(readFileSync(join(outside, "new"), "utf8"), "new\n");
    assert.equal(statSync(join(place.directory, "mine")).uid, statSync(place.directory).uid);
    const { data, memoryBytes, cpus, ports } = await newest();
    assert.deepEqual(data, [
      { source: outside, name: "outside" },
      { source: "in", name: "b", readOnly: true },
    ]);
    assert.deepEqual([memoryBytes, cpus, ports], [64 << 20, 0.5, [{ host: 0, container: 8000 }]]);
  });

  test("says what cannot be, records it as that, and leaves no container", async (t) => {
    const { run, datmo, newest, place } = await project(t);
    const cases: [argv: string[], code: number, kind: string][] = [
      [["run", "-e", "box", "-m", "1m", "true"], 125, "MEMORY_TOO_SMALL"],
      [["run", "-e", "box", "--cpus", "4096", "true"], 125, "CPUS_UNAVAILABLE"],
      [["run", "-e", "box", "--", "nosuch", "x"], 127, "COMMAND_NOT_IN_IMAGE"],
      [["run", "-e", "box", "--gpu", "true"], 125, "GPU_NOT_AVAILABLE"],
    ];
    for (const [argv, code, kind] of cases) {
      const { code: got, stderr } = await datmo(...argv);
      assert.deepEqual([got, (await newest()).error?.kind], [code, kind], stderr);
      assert.equal((await newest()).status, "failed");
    }
    const before = (await newest()).id;
    for (const [argv, kind] of [
      [["run", "-e", "nosuch", "true"], /ENVIRONMENT_NOT_FOUND/],
      [["run", "-e", "box", "--on", "host", "true"], /ENVIRONMENT_NEEDS_CONTAINER/],
      [["run", "-e", "box", "--environment-path", "x", "true"], /ENVIRONMENT_CONFLICT/],
      [["run", "-e", "box", "--data", "nosuch", "true"], /MOUNT_SOURCE_MISSING/],
      [["run", "-m", "1g", "true"], /need a container/],
    ] as const) {
      assert.match((await datmo(...argv)).stderr, kind);
    }
    const away = await place.datmo(["run", "-e", "box", "true"], {
      variables: { DOCKER_HOST: "unix:///nowhere/docker.sock" },
    });
    assert.deepEqual([away.code, /Start Docker.*or add -e host/.test(away.stderr)], [125, true], away.stderr);
    assert.equal((await newest()).id, before, "nothing of these was begun");
    assert.equal(containers(place), "");
    const killed = await run(
      "-m",
      "16m",
      "--",
      "sh",
      "-c",
      "x=$(head -c 200m /dev/zero | tr '\\0' x); echo $?",
    );
    assert.match(killed.stderr, /out of memory/);
    assert.equal((await newest()).outOfMemory, true);
  });

  test("a container outlives its engine, and a detached run needs nobody", async (t) => {
    const { datmo, place, variables, newest } = await project(t);
    const script = 'echo begun; sleep 2; echo "late: 2"; exit 3';
    const child = place.start(["run", "-e", "box", "--", "sh", "-c", script], { variables });
    await sawText(child.stdout, "begun");
    child.kill("SIGKILL");
    await once(child, "exit");
    const detached = await datmo(
      "run",
      "-d",
      "-e",
      "box",
      "--env",
      "WORD=there",
      "--",
      "sh",
      "-c",
      "echo $WORD; exit 5",
    );
    assert.equal(detached.code, 0, detached.stderr);
    assert.equal((await datmo("run", "wait", detached.stdout.trim())).code, 5);
    assert.equal((await datmo("run", "logs", detached.stdout.trim())).stdout, "there\n");
    const { stdout } = await datmo("run", "ls", "--json");
    const orphan = (JSON.parse(stdout) as { items: Run[] }).items.find(
      ({ command }) => command?.[2] === script,
    );
    assert.equal((await datmo("run", "wait", orphan?.id ?? "")).code, 3);
    const ended = JSON.parse((await datmo("run", "show", orphan?.id ?? "", "--json")).stdout).run as Run;
    assert.deepEqual([ended.status, ended.metrics, ended.late], ["failed", { late: 2 }, true]);
    assert.ok(ended.afterSnapshotId);
    void newest;
  });

  test("a container that is removed behind its engine's back ends its run; one that is stopped too", async (t) => {
    const { datmo, place, variables, newest } = await project(t);
    for (const [end, status] of [
      [() => docker("rm", "-f", containers(place).trim()), /failed|lost/],
      [() => datmo("stop", "--all"), /stopped/],
    ] as const) {
      const child = place.start(["run", "-e", "box", "--", "sh", "-c", "echo begun; sleep 60"], {
        variables,
      });
      const exited = once(child, "exit");
      await sawText(child.stdout, "begun");
      await end();
      await exited;
      assert.match((await newest()).status, status);
    }
    assert.equal(containers(place), "");
  });

  test("builds what its folder defines, once; builds it again for a rerun when it is gone, and says so", async (t) => {
    const { datmo, place, newest } = await project(t);
    place.write("datmo_environment/Dockerfile", `FROM ${BUSYBOX}\nRUN echo one >/word\n`);
    const first = await datmo("run", "--", "sh", "-c", "cat /word");
    assert.deepEqual([first.code, first.stdout], [0, "one\n"], first.stderr);
    assert.match(first.stderr, /its files are in datmo_environment\/\.[\s\S]*RUN echo one/);
    const second = await datmo("run", "--", "sh", "-c", "cat /word");
    assert.doesNotMatch(second.stderr, /RUN echo one/);
    const run = await newest();
    docker("rmi", "-f", run.image?.id ?? "");
    const again = await datmo("rerun", run.id, "--verify");
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /is not here any more: docker-\w+ is built again\./);
    const other = await datmo("rerun", run.id, "-e", "box", "--verify");
    assert.equal(other.code, 4);
    assert.match(other.stdout, /first: status; likely because of environment\./);
    const broken = join(place.directory, "datmo_environment/Dockerfile");
    writeFileSync(broken, `FROM ${BUSYBOX}\nRUN echo no && false\n`);
    const failed = await datmo("run", "true");
    assert.equal(failed.code, 125, failed.stderr);
    assert.deepEqual(
      [(await newest()).status, (await newest()).error?.kind],
      ["failed", "IMAGE_BUILD_FAILED"],
    );
    assert.ok((await newest()).beforeSnapshotId);
    const gone = JSON.parse((await datmo("cleanup", "--yes", "--json")).stdout) as { images?: number };
    assert.equal(gone.images, 1);
    assert.equal(docker("images", "-q", "--filter", `label=datmo.environment=${run.environmentId}`), "");
    assert.deepEqual(readdirSync(place.directory).includes(".datmo"), false);
  });

  test("Ctrl-C ends a build under way, and nothing of the run is left", async (t) => {
    const { place, variables, datmo } = await project(t);
    place.write("datmo_environment/Dockerfile", `FROM ${BUSYBOX}\nRUN echo working; sleep 300\n`);
    const child = place.start(["run", "true"], { variables });
    const exited = once(child, "exit");
    await sawText(child.stderr, "\nworking\n");
    child.kill("SIGINT");
    assert.deepEqual(await exited, [130, null]);
    assert.deepEqual(JSON.parse((await datmo("run", "ls", "--json")).stdout).items, []);
  });

  test("what runs inside keeps files of its own folders only", async (t) => {
    const { run, newest, place } = await project(t);
    writeFileSync(join(place.directory, "..", "secret"), "s\n");
    const line = (path: string): string =>
      `printf '{"v":1,"type":"file","at":"2026-01-01T00:00:00Z","path":"${path}"}\\n' >>/task/journal/x.jsonl`;
    const script = [
      "echo kept >/home/model.txt",
      "ln -s ../secret /home/link",
      ...["/home/model.txt", "/etc/passwd", "/home/link"].map(line),
    ].join("; ");
    const ran = await run("--", "sh", "-c", script);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /\/etc\/passwd lies in none of the run's own folders/);
    const { files } = JSON.parse(
      (await place.datmo(["run", "show", (await newest()).id, "--json"])).stdout,
    ) as { files: { path: string }[] };
    assert.deepEqual(
      files.map(({ path }) => path),
      ["model.txt"],
    );
  });

  function docker(...argv: string[]): string {
    const { stdout } = spawnSync("docker", argv, {
      encoding: "utf8",
      env: { ...process.env, DOCKER_HOST: box.engine.host },
    });
    return stdout;
  }

  /** Of this project: other files use the same engine meanwhile. */
  function containers(place: Place): string {
    const { project: id } = JSON.parse(place.read(".datmo/format")) as { project: string };
    return docker("ps", "-aq", "--filter", `label=datmo.project=${id}`);
  }
});

async function sawText(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  let seen = "";
  let ended = false;
  stream.on("end", () => {
    ended = true;
  });
  stream.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
  });
  while (!seen.includes(text)) {
    assert.equal(ended, false, seen);
    await sleep(20);
  }
}
