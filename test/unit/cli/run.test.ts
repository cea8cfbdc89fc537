import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { errors } from "../../../src/protocol/errors.ts";
import type { Run, RunLogsParams, RunLogsResult, RunStartParams } from "../../../src/protocol/types.ts";
import { type Answers, cli, type FakeCall } from "../../helpers/cli.ts";
import { exampleRun } from "../../helpers/examples.ts";

describe("exit codes of run", () => {
  const cases: [what: string, changes: Partial<Run>, code: number][] = [
    ["success", {}, 0],
    ["the command's own", { status: "failed", exitCode: 7 }, 7],
    ["a signal", { status: "failed", exitCode: 137 }, 137],
    ["not found", { status: "failed", exitCode: 127 }, 127],
    [
      "a time limit",
      { status: "failed", exitCode: 124, error: { kind: "TIMEOUT", message: "Too long." } },
      124,
    ],
    ["stopped from elsewhere", { status: "stopped", exitCode: 0 }, 143],
    ["stopped by SIGINT", { status: "stopped", exitCode: 130 }, 130],
    ["lost", { status: "lost", exitCode: undefined }, 125],
    ["failed without a code", { status: "failed", exitCode: undefined }, 1],
  ];
  for (const [what, changes, code] of cases) {
    test(what, async () => {
      const ended = exampleRun(changes);
      assert.equal((await cli(["run", "x"], { answers: answersOf(ended) })).code, code);
      assert.equal((await cli(["run", "wait", "k3vq"], { answers: answersOf(ended) })).code, code);
      assert.equal((await cli(["rerun", "k3vq"], { answers: answersOf(ended) })).code, code);
    });
  }

  test("datmo's own failure is 125 with its kind, a wrong command line stays 2", async () => {
    const failing = (error: Error): Answers => ({
      "run.start": () => {
        throw error;
      },
    });
    const own = await cli(["run", "x"], {
      answers: failing(errors.PROJECT_NOT_FOUND({ directory: "/work" })),
    });
    assert.equal(own.code, 125);
    assert.match(own.stderr, /^error \(PROJECT_NOT_FOUND\): There is no datmo project/);
    const usage = await cli(["run", "x"], {
      answers: failing(errors.PATH_INVALID({ path: "p", reason: "bad" })),
    });
    assert.equal(usage.code, 2);
    const cancelled = await cli(["run", "x"], { answers: failing(errors.CANCELLED()) });
    assert.equal(cancelled.code, 130);
  });

  test("wait gives the first code that is not 0, and tells of every run", async () => {
    const codes: Record<string, number> = { a: 0, b: 3, c: 4 };
    const answers: Answers = {
      "run.wait": ({ id }) => ({
        run: exampleRun({ name: id, status: codes[id] ? "failed" : "succeeded", exitCode: codes[id] }),
      }),
    };
    const { code, stdout } = await cli(["run", "wait", "a", "b", "c"], { answers });
    assert.equal(code, 3);
    assert.equal(stdout.trim().split("\n").length, 3);
  });
});

describe("what run asks for", () => {
  const cases: [argv: string[], params: object][] = [
    [["python", "train.py"], { command: ["python", "train.py"] }],
    [["python train.py | tee log"], { command: "python train.py | tee log" }],
    [["--", "ls"], { command: "ls" }],
    [
      ["-c", "lr=0.5", "-c", "net.layers:[64,64]", "-c", "url:http://h/x", "x", "y"],
      { command: ["x", "y"], config: { lr: 0.5, net: { layers: [64, 64] }, url: "http://h/x" } },
    ],
    [
      ["--tag", "a", "--tag", "b", "--name", "n", "--group", "g", "--note", "o", "--message", "m", "x", "y"],
      { command: ["x", "y"], tags: ["a", "b"], name: "n", group: "g", note: "o", message: "m" },
    ],
    [["--timeout", "1h30m", "x", "y"], { command: ["x", "y"], timeoutMs: 5_400_000 }],
    [["--timeout", "90", "x", "y"], { command: ["x", "y"], timeoutMs: 90_000 }],
    [["--env", "A=b=c", "--env", "E=", "x", "y"], { command: ["x", "y"], variables: { A: "b=c", E: "" } }],
    [
      ["--no-parse", "--isolated", "-i", "x", "y"],
      { command: ["x", "y"], parse: false, isolated: true, interactive: true },
    ],
    [["--on", "host", "-e", "host", "x", "y"], { command: ["x", "y"], driver: "host", environment: "host" }],
    [["--environment-id", "torch", "x", "y"], { command: ["x", "y"], environment: "torch" }],
    [
      ["--environment-path", "/d/Dockerfile", "--environment-path", "/d/r.txt>requirements.txt", "x", "y"],
      { command: ["x", "y"], environmentPaths: ["/d/Dockerfile", "/d/r.txt>requirements.txt"] },
    ],
    [
      ["-e", "torch", "-m", "1.5g", "--cpus", ".5", "-p", "8080:80", "--ports", "90", "x", "y"],
      {
        command: ["x", "y"],
        environment: "torch",
        memoryBytes: 1_610_612_736,
        cpus: 0.5,
        ports: [
          { host: 8080, container: 80 },
          { host: 0, container: 90 },
        ],
      },
    ],
    [
      ["--data", "/a/b:ro", "--data", "/c>d", "x", "y"],
      {
        command: ["x", "y"],
        data: [
          { source: "/a/b", readOnly: true },
          { source: "/c", name: "d" },
        ],
      },
    ],
    // The value of --gpu may be left out, and the command is not taken for it.
    [["--gpu", "python", "--gpu", "2"], { command: ["python", "--gpu", "2"], gpu: "all" }],
    [["--gpu", "2", "x", "y"], { command: ["x", "y"], gpu: "2" }],
    [["--gpu", "0,2", "-m", "4g", "x", "y"], { command: ["x", "y"], gpu: "0,2", memoryBytes: 4 * 2 ** 30 }],
    [["--gpu", "--name", "n", "x", "y"], { command: ["x", "y"], gpu: "all", name: "n" }],
    [["--gpu=GPU-ab12", "x", "y"], { command: ["x", "y"], gpu: "GPU-ab12" }],
    [["-d", "x", "y"], { command: ["x", "y"], detached: true }],
  ];
  for (const [argv, expected] of cases) {
    test(argv.join(" "), async () => {
      const { asked } = await cli(["run", ...argv], { answers: answersOf(exampleRun()) });
      const { originId: _, ...params } = asked[0]?.params as RunStartParams;
      assert.deepEqual(params, expected);
    });
  }

  test("the folder one stands in, seen from the project's root", async (t) => {
    const root = projectFolder(t);
    mkdirSync(join(root, "a/b"), { recursive: true });
    const directoryOf = async (directory: string, argv: string[] = []): Promise<string | undefined> => {
      const { asked } = await cli(["run", ...argv, "x"], { answers: answersOf(exampleRun()), directory });
      return (asked[0]?.params as RunStartParams).directory;
    };
    assert.equal(await directoryOf(join(root, "a/b")), "a/b");
    assert.equal(await directoryOf(root), undefined);
    assert.equal(await directoryOf(join(root, "a"), ["--project", ".."]), "a");
    assert.equal(await directoryOf(tmpdir(), ["--project", root]), undefined);
  });
});

test("an engine elsewhere has no terminal to give", async () => {
  const { code, stderr, connected } = await cli(["run", "-i", "sh"], {
    variables: { DATMO_ENGINE: "/e.js" },
  });
  assert.deepEqual([code, connected], [2, []]);
  assert.match(stderr, /-i needs the engine in this process/);
});

describe("output of a run", () => {
  test("is copied byte for byte, whatever notifications make of it", async () => {
    const output = Buffer.concat([
      Buffer.from("plain é\n"),
      Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.from("😀\n\uFFFD"),
      Buffer.alloc(300_000, "x"),
    ]);
    for (const size of [1, 7, 64, 100_000]) {
      const { stdout } = await cli(["run", "x"], { answers: printing(output, size) });
      // The collector reads UTF-8, so both sides are compared as it.
      assert.equal(stdout, output.toString());
    }
  });

  test("goes to stderr under --json, and the result to stdout", async () => {
    const result = await cli(["run", "--json", "x"], { answers: printing(Buffer.from("hello\n"), 100) });
    assert.match(result.stderr, /^hello\nrun k3vq7m2x quiet-heron: succeeded in 2.3 s/);
    assert.deepEqual(JSON.parse(result.stdout), { run: JSON.parse(JSON.stringify(exampleRun())) });
  });

  test("without a newline at its end does not run into the summary", async () => {
    const { stderr } = await cli(["run", "x"], { answers: printing(Buffer.from("dots..."), 100) });
    assert.match(stderr, /^\nrun k3vq7m2x/);
  });

  test("of another run is not shown", async () => {
    const run = exampleRun();
    const answers: Answers = {
      ...answersOf(run),
      "run.start": (_, { notify }) => {
        notify("run.output", {
          runId: "other",
          originId: "another",
          text: "noise",
          offset: 0,
          nextOffset: 5,
        });
        return { run };
      },
    };
    assert.equal((await cli(["run", "x"], { answers })).stdout, "");
  });

  test("that cannot be read does not change how the command ended", async () => {
    const run = exampleRun({ status: "failed", exitCode: 3 });
    const answers: Answers = {
      ...answersOf(run),
      "run.logs": () => {
        throw errors.STORAGE_IO({ reason: "EIO" });
      },
    };
    const { code, stderr } = await cli(["run", "x"], { answers });
    assert.equal(code, 3);
    assert.match(
      stderr,
      /^warning: the rest of the output could not be read \(.*EIO.*datmo run logs k3vq7m2x\n/,
    );
  });

  test("a detached run prints its id, and how to follow it on stderr", async () => {
    const result = await cli(["run", "-d", "x"], { answers: answersOf(exampleRun({ status: "running" })) });
    assert.equal(result.stdout, "k3vq7m2xw5hd4tz6bnrjc7ya2e\n");
    assert.match(result.stderr, /datmo run logs -f k3vq7m2x/);
    assert.deepEqual(
      result.asked.map(({ method }) => method),
      ["run.start"],
    );
  });
});

describe("signals", () => {
  const stopped = exampleRun({ status: "stopped", exitCode: 130 });

  /** A run that ends once it was stopped so many times. */
  function stoppable(signals: ("SIGINT" | "SIGTERM" | "SIGHUP")[]): Answers {
    let end: () => void = () => {};
    let left = signals.length;
    return {
      ...answersOf(stopped),
      "run.wait": async (_, { signal }) => {
        const ended = new Promise<void>((resolve) => {
          end = resolve;
        });
        for (const name of signals) signal(name);
        await ended;
        return { run: stopped };
      },
      "run.stop": () => {
        left--;
        if (left === 0) end();
        return { runs: [stopped] };
      },
    };
  }

  test("Ctrl-C stops the run gracefully, a second one kills it", async () => {
    const { code, asked } = await cli(["run", "x"], { answers: stoppable(["SIGINT", "SIGINT"]) });
    const stops = asked.filter(({ method }) => method === "run.stop").map(({ params }) => params);
    assert.deepEqual(stops, [
      { id: stopped.id, signal: "SIGINT" },
      { id: stopped.id, signal: "SIGINT", graceMs: 0 },
    ]);
    assert.equal(code, 130);
  });

  test("SIGTERM and a closed terminal stop it too", async () => {
    for (const signal of ["SIGTERM", "SIGHUP"] as const) {
      const { code, asked } = await cli(["run", "x"], { answers: stoppable([signal]) });
      assert.deepEqual(asked.find(({ method }) => method === "run.stop")?.params, {
        id: stopped.id,
        signal: "SIGTERM",
      });
      assert.equal(code, 143);
    }
  });

  test("before the command has started, the start is cancelled", async () => {
    const answers: Answers = {
      "run.start": (_, { signal, abort }) => {
        signal("SIGINT");
        assert.equal(abort?.aborted, true);
        throw errors.CANCELLED();
      },
    };
    const { code, stderr } = await cli(["run", "x"], { answers });
    assert.equal(code, 130);
    assert.equal(stderr, "Cancelled.\n");
  });

  test("a run that ended by itself meanwhile keeps its code, and nothing is said about it", async () => {
    const run = exampleRun({ status: "failed", exitCode: 9 });
    const answers: Answers = {
      ...answersOf(run),
      "run.wait": async (_, { signal }) => {
        signal("SIGINT");
        await new Promise((resolve) => setImmediate(resolve));
        return { run };
      },
      "run.stop": () => {
        throw errors.RUN_NOT_ACTIVE({ id: run.id, status: "failed" });
      },
    };
    const { code, stderr } = await cli(["run", "x"], { answers });
    assert.equal(code, 9);
    assert.doesNotMatch(stderr, /warning/);
  });

  test("waiting ends with Ctrl-C, the run does not", async () => {
    const answers: Answers = {
      "run.wait": (_, { signal, abort }) => {
        signal("SIGINT");
        assert.equal(abort?.aborted, true);
        throw errors.CANCELLED();
      },
    };
    const { code, asked } = await cli(["run", "wait", "k3vq"], { answers });
    assert.equal(code, 130);
    assert.deepEqual(
      asked.map(({ method }) => method),
      ["run.wait"],
    );
  });
});

function answersOf(run: Run): Answers {
  return {
    "run.start": { run },
    "run.rerun": { run },
    "run.wait": { run },
    "run.logs": { text: "", offset: 0, nextOffset: 0, size: 0, ended: true },
  };
}

/** A run that prints `output`, told in notifications of `size` bytes as the engine makes them. */
function printing(output: Buffer, size: number): Answers {
  const run = exampleRun();
  const most = 64 * 1024;
  return {
    "run.start": async ({ originId }, { notify }: FakeCall) => {
      const decoder = new TextDecoder();
      for (let offset = 0; offset < output.length; offset += size) {
        const chunk = output.subarray(offset, offset + size);
        const text = chunk.length > most ? "" : decoder.decode(chunk, { stream: true });
        notify("run.output", { runId: run.id, originId, text, offset, nextOffset: offset + chunk.length });
        if (offset % (size * 50) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return { run };
    },
    "run.wait": { run },
    "run.logs": (params) => logs(output, params),
  };
}

function logs(output: Buffer, { offset = 0, limit = 1 << 20 }: RunLogsParams): RunLogsResult {
  const bytes = output.subarray(offset, offset + limit);
  return {
    text: bytes.toString("base64"),
    offset,
    nextOffset: offset + bytes.length,
    size: output.length,
    ended: true,
  };
}

function projectFolder(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "datmo-cli-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, ".datmo"));
  writeFileSync(join(root, ".datmo/format"), "{}");
  return root;
}
