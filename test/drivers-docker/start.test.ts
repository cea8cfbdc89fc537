import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ask } from "../helpers/docker-engine.ts";
import { containersOf, makePlace, skip, until, useEngine } from "./helpers.ts";

describe("commands in containers", { skip }, () => {
  const box = useEngine();
  const place = (t: Parameters<typeof makePlace>[0]) => makePlace(t, box.engine.host);

  test("output and exit code are in the task folder, and the container is gone", async (t) => {
    const { run, root } = place(t);
    const { exit, output, taskDirectory } = await run("echo out; echo err >&2; exit 7");
    assert.equal(exit.exitCode, 7);
    assert.deepEqual(output.split("\n").sort(), ["", "err", "out"]);
    assert.match(
      readFileSync(join(taskDirectory, "exit.json"), "utf8"),
      /^\{"exitCode":7,"endedAt":"[^"]+Z"\}\n$/,
    );
    assert.deepEqual(await containersOf(box.engine, root), []);
  });

  test("project, task folder, data and variables are where scripts look for them", async (t) => {
    const { run, root } = place(t);
    mkdirSync(join(root, "data"));
    writeFileSync(join(root, "data", "one"), "1");
    mkdirSync(join(root, "sub"));
    const script =
      "pwd; cat /data/one; echo; env | grep -E '^(DATMO|PYTHON|EXTRA)' | sort; touch made /task/kept";
    const ran = await run(script, {}, { directory: join(root, "sub"), environment: { EXTRA: "a b" } });
    assert.deepEqual(ran.output.trimEnd().split("\n"), [
      "/home/sub",
      "1",
      "DATMO_CONFIG=/task/config.json",
      "DATMO_DATA_DIR=/data",
      "DATMO_PROJECT_DIR=/home",
      `DATMO_RUN_ID=${ran.taskDirectory.split("/").pop()}`,
      "DATMO_TASK_DIR=/task",
      "EXTRA=a b",
      "PYTHONUNBUFFERED=1",
    ]);
    assert.deepEqual(readdirSync(join(root, "sub")), ["made"]);
    assert.ok(statSync(join(ran.taskDirectory, "kept")).isFile());
  });

  test("variables of more than a megabyte reach the command", async (t) => {
    const { run } = place(t);
    const names = Array.from({ length: 12 }, (_, index) => `BIG_${index}`);
    const environment = Object.fromEntries(names.map((name) => [name, "x".repeat(100_000)]));
    const { exit, output } = await run("env | grep -c ^BIG_", {}, { environment });
    assert.deepEqual([exit.exitCode, output], [0, "12\n"]);
  });

  test("datmo's folder is hidden, the task folder is writable, answers are only read", async (t) => {
    const { run, root, spec } = place(t);
    writeFileSync(join(root, ".datmo", "secret"), "x");
    const start = spec("true");
    mkdirSync(join(start.taskDirectory, "reply"), { recursive: true });
    writeFileSync(join(start.taskDirectory, "reply", "a"), "answer");
    const script =
      "ls -A .datmo | wc -l; touch .datmo/x 2>/dev/null || echo hidden; touch /task/x && echo written; cat /task/reply/a; touch /task/reply/b 2>/dev/null || echo kept";
    const { output } = await run(script, {}, { taskDirectory: start.taskDirectory, runId: start.runId });
    assert.deepEqual(output.replaceAll("answer", "answer\n").trimEnd().split("\n"), [
      "0",
      "hidden",
      "written",
      "answer",
      "kept",
    ]);
  });

  test("files belong to the project's owner, who needs no entry in the image", async (t) => {
    const { run, root } = place(t);
    chownSync(root, 1234, 1235);
    chmodSync(root, 0o700);
    const ran = await run("id -u; id -g; touch file /task/file; touch $HOME/x && echo home", {
      user: "1234:1235",
    });
    assert.equal(ran.output, "1234\n1235\nhome\n");
    for (const path of [join(root, "file"), join(ran.taskDirectory, "file")]) {
      assert.deepEqual([statSync(path).uid, statSync(path).gid], [1234, 1235], path);
    }
  });

  test("folders and single files are mounted, read-only when asked", async (t) => {
    const { run, root } = place(t);
    mkdirSync(join(root, "..", `${root.split("/").pop()}-in`));
    const source = `${root}-in`;
    t.after(() => import("node:fs").then((fs) => fs.rmSync(source, { recursive: true })));
    writeFileSync(join(source, "f"), "content");
    const mounts = [
      { source, target: "/data/folder", readOnly: true },
      { source: join(source, "f"), target: "/data/single", readOnly: false },
    ];
    const script =
      "cat /data/folder/f /data/single; touch /data/folder/x 2>/dev/null || echo ' read-only'; echo new > /data/single";
    assert.equal((await run(script, { mounts })).output, "contentcontent read-only\n");
    assert.equal(readFileSync(join(source, "f"), "utf8"), "new\n");
  });

  test("every byte of a flood arrives once, in both streams, whatever its bytes are", async (t) => {
    const { run } = place(t);
    // 6 MB of every byte, without line ends where a line would have them.
    const script =
      "i=0; while [ $i -lt 3 ]; do head -c 1000000 /task/bytes; head -c 1000000 /task/bytes >&2; i=$((i+1)); done";
    const { spec, driver } = place(t);
    const start = spec(script);
    mkdirSync(start.taskDirectory, { recursive: true });
    const bytes = Buffer.alloc(1_000_000, Buffer.from(Array.from({ length: 251 }, (_, i) => i + 5)));
    writeFileSync(join(start.taskDirectory, "bytes"), bytes);
    const { exited } = await driver.start(start);
    await exited;
    const log = readFileSync(join(start.taskDirectory, "output.log"));
    assert.equal(log.length, 6_000_000);
    const count = (data: Buffer) => {
      const counts = new Array<number>(256).fill(0);
      for (const byte of data) counts[byte] = (counts[byte] ?? 0) + 1;
      return createHash("sha256").update(counts.join()).digest("hex");
    };
    assert.equal(count(log), count(Buffer.concat(Array(6).fill(bytes))));
    assert.equal((await run("printf 'no newline'")).output, "no newline");
  });

  test("a command that the memory limit kills is told apart from one that fails", async (t) => {
    const { run } = place(t);
    const script = "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo $x";
    const { exit, taskDirectory } = await run(script, { memoryBytes: 24 * 2 ** 20 });
    assert.deepEqual([exit.exitCode, exit.outOfMemory], [137, true]);
    assert.match(readFileSync(join(taskDirectory, "exit.json"), "utf8"), /"outOfMemory":true/);
    const lives = await run("sh -c 'x=$(head -c 200000000 /dev/zero | tr \"\\0\" x)'; exit 0", {
      memoryBytes: 24 * 2 ** 20,
    });
    assert.deepEqual([lives.exit.exitCode, lives.exit.outOfMemory], [0, true]);
  });

  test("limits reach the engine: memory without more swap, CPUs, init", async (t) => {
    const { driver, spec } = place(t);
    const start = spec("while [ ! -e go ]; do sleep 0.02; done", { memoryBytes: 64 * 2 ** 20, cpus: 0.5 });
    const { exited, container } = await driver.start(start);
    const { body } = await ask(box.engine.socket, `/containers/${container?.containerId}/json`);
    const { HostConfig: found } = JSON.parse(body) as { HostConfig: Record<string, unknown> };
    assert.deepEqual(
      [found["Memory"], found["MemorySwap"], found["NanoCpus"], found["Init"]],
      [67108864, 67108864, 500000000, true],
    );
    writeFileSync(join(start.directory, "go"), "");
    await exited;
  });

  test("a published port answers on this machine's own address only, and is told", async (t) => {
    const { driver, spec } = place(t);
    const start = spec("while [ ! -e go ]; do sleep 0.02; done", { ports: [{ host: 0, container: 8080 }] });
    const { exited, container } = await driver.start(start);
    const { body } = await ask(box.engine.socket, `/containers/${container?.containerId}/json`);
    const bound = (JSON.parse(body) as { NetworkSettings: { Ports: Record<string, object[]> } })
      .NetworkSettings;
    const [port] = container?.ports ?? [];
    assert.equal(port?.container, 8080);
    assert.ok((port?.host ?? 0) > 0);
    assert.deepEqual(bound.Ports["8080/tcp"], [{ HostIp: "127.0.0.1", HostPort: String(port?.host) }]);
    writeFileSync(join(start.directory, "go"), "");
    await exited;
  });

  test("what cannot be started is a clear error and leaves nothing", async (t) => {
    const { driver, spec, root } = place(t);
    const server = createServer().listen(0, "127.0.0.1");
    t.after(() => server.close());
    await until(() => server.listening);
    const { port } = server.address() as { port: number };
    const busy = await driver.start(
      spec("while [ ! -e go ]; do sleep 0.02; done", { ports: [{ host: 18093, container: 1 }] }),
    );
    const cases: [string, RegExp, ReturnType<typeof spec>][] = [
      ["COMMAND_NOT_IN_IMAGE", /nosuch/, spec(["nosuch"])],
      ["COMMAND_NOT_IN_IMAGE", /\.\/nosuch/, spec(["./nosuch"])],
      ["COMMAND_NOT_STARTED", /no command/, spec([])],
      ["COMMAND_NOT_STARTED", /does not exist/, spec("true", {}, { directory: join(root, "none") })],
      ["IMAGE_MISSING", /nosuch:img/, spec("true", { image: "nosuch:img" })],
      ["MEMORY_TOO_SMALL", /6 ?MB/, spec("true", { memoryBytes: 1e6 })],
      ["CPUS_UNAVAILABLE", /4000/, spec("true", { cpus: 4000 })],
      ["PORT_TAKEN", new RegExp(String(port)), spec("true", { ports: [{ host: port, container: 1 }] })],
      // Taken where only the engine sees it.
      ["PORT_TAKEN", /18093/, spec("true", { ports: [{ host: 18093, container: 1 }] })],
      [
        "MOUNT_SOURCE_MISSING",
        /\/no\/such/,
        spec("true", { mounts: [{ source: "/no/such", target: "/data/x", readOnly: true }] }),
      ],
      ["GPU_NOT_AVAILABLE", /GPU/, spec("true", { gpus: { kind: "all" } })],
      ["GPU_NOT_AVAILABLE", /GPU/, spec("true", { gpus: { kind: "count", count: 2 } })],
    ];
    for (const [kind, message, start] of cases) {
      await assert.rejects(driver.start(start), { kind, message }, kind);
      assert.deepEqual(await driver.inspect(start.taskDirectory), { state: "gone", unstarted: true }, kind);
      await driver.stop(start.taskDirectory, { graceMs: 0 });
    }
    assert.deepEqual(await containersOf(box.engine, root), [busy.container?.containerId]);
    writeFileSync(join(root, "go"), "");
    await busy.exited;
  });

  test("a program in the project is found, also by its own folder's name", async (t) => {
    const { run, root } = place(t);
    writeFileSync(join(root, "tool"), "#!/bin/sh\necho tool\n", { mode: 0o755 });
    assert.equal((await run(["./tool"])).output, "tool\n");
    assert.equal((await run(["/home/tool"])).output, "tool\n");
  });
});
