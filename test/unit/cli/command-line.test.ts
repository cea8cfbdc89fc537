import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rootCommand } from "../../../src/cli/commands.ts";
import { resolveCommand } from "../../../src/cli/resolve-command.ts";
import { version } from "../../../src/util/version.ts";
import { cli } from "../../helpers/cli.ts";
import { exampleRun } from "../../helpers/examples.ts";

const RUN_LIST = { "run.list": { items: [] } };

describe("which command is meant", () => {
  const cases: [words: string[], path: string, rest: string[]][] = [
    [["run", "ls", "--all"], "datmo run ls", ["--all"]],
    [["run", "--", "ls"], "datmo run", ["--", "ls"]],
    [["run", "--tag", "x", "ls"], "datmo run", ["--tag", "x", "ls"]],
    [["--json", "run", "--project", "d", "ls"], "datmo run ls", ["--json", "--project", "d"]],
    [["--project=d", "ls"], "datmo ls", ["--project=d"]],
    [["run", "python", "ls"], "datmo run", ["python", "ls"]],
    [["nonsense", "run"], "datmo", ["nonsense", "run"]],
    [["--project"], "datmo", ["--project"]],
  ];
  for (const [words, expected, rest] of cases) {
    test(words.join(" "), () => {
      const resolved = resolveCommand(rootCommand, words);
      assert.equal(resolved.path.map(({ name }) => name).join(" "), expected);
      assert.deepEqual(resolved.rest, rest);
    });
  }
});

describe("help, version and usage errors need no engine", () => {
  const cases: [argv: string[], code: number, out: RegExp, err: RegExp][] = [
    [["version"], 0, /^datmo \d/, /^$/],
    [["--version"], 0, /^datmo \d/, /^$/],
    [["-v"], 0, /^datmo \d/, /^$/],
    [[], 0, /Usage: datmo/, /^$/],
    [["--help"], 0, /Usage: datmo/, /^$/],
    [["snapshot"], 0, /Usage: datmo snapshot/, /^$/],
    [["run", "--help"], 0, /COMMAND/, /^$/],
    [["help", "run", "ls"], 0, /Usage: datmo run ls/, /^$/],
    [["statsu"], 2, /^$/, /error: Unknown command 'statsu'\.\nhint: Did you mean status\?/],
    [["snapshot", "crate"], 2, /^$/, /Did you mean create\?/],
    [["ls", "--stauts", "x"], 2, /^$/, /Unknown option '--stauts'\.\nhint: Did you mean --status\?/],
    [["run", "ls", "-la"], 2, /^$/, /`datmo run -- ls`/],
    [["run"], 2, /^$/, /There is no command to run/],
    [["run", " "], 2, /^$/, /There is no command to run/],
    [["run", "--timeout", "soon", "true"], 2, /^$/, /Write a time such as/],
    [["run", "-c", "lr", "true"], 2, /^$/, /"lr" has no value/],
    [["run", "--env", "=x", "true"], 2, /^$/, /NAME=VALUE/],
    [["run", "-d", "-i", "true"], 2, /^$/, /exclude each other/],
    [["run", "show"], 2, /^$/, /Missing required argument 'run'/],
    [["run", "show", "a", "b"], 2, /^$/, /Too many arguments/],
    [["run", "update", "abcd"], 2, /^$/, /Nothing to change/],
    [["run", "metrics", "abcd", "--plot"], 2, /^$/, /Say which metric/],
    [["ls", "--limit", "0"], 2, /^$/, /whole number above 0/],
    [["ls", "--format", "xml"], 2, /^$/, /Allowed choices are table, csv, json/],
    [["stop"], 2, /^$/, /Say which run/],
    [["stop", "a", "--all"], 2, /^$/, /exclude each other/],
    [["log"], 2, /^$/, /No metric was given/],
    [["log", "loss=high"], 2, /^$/, /"loss=high" is no metric/],
    [["log", "loss=1"], 2, /^$/, /There is no run around this command/],
    [["snapshot", "create"], 2, /^$/, /Required option '-m, --message <text>'/],
    [["snapshot", "create", "-m", "x", "-c", "a:1", "--config-file", "f"], 2, /^$/, /exclude each other/],
    [["snapshot", "create", "-m", "x", "-e", "a", "--environment-paths", "b"], 2, /^$/, /exclude each other/],
    [["snapshot", "update", "abcd"], 2, /^$/, /Nothing to change/],
    [["completion", "tcsh"], 2, /^$/, /Allowed choices are bash, zsh, fish/],
    [["engine"], 2, /^$/, /Add --stdio/],
  ];
  for (const [argv, code, out, err] of cases) {
    test(`datmo ${argv.join(" ")}`, async () => {
      const result = await cli(argv);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stdout, out);
      assert.match(result.stderr, err);
      assert.deepEqual(result.connected, []);
    });
  }
});

describe("what cannot be meant is told before anything is asked", () => {
  const cases: [words: string[], message: RegExp][] = [
    [["-m", "lots", "true"], /Write a size such as 512m or 4g/],
    [["--cpus", "0", "true"], /Write a number of processors/],
    [["-p", "80:0", "true"], /Write HOST:CONTAINER/],
    [["-p", "70000:80", "true"], /Write HOST:CONTAINER/],
    [["--data", "a>b>c", "true"], /Write SRC or SRC>NAME/],
    [["--queue", "-d", "true"], /exclude each other/],
  ];
  for (const [words, message] of cases) {
    test(words.join(" "), async () => {
      const { code, stderr, connected } = await cli(["run", ...words]);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.deepEqual(connected, []);
    });
  }
});

test("global options work in front of a command and behind it", async () => {
  for (const argv of [
    ["--json", "--project", "sub", "run", "ls"],
    ["run", "ls", "--json", "--project", "sub"],
    ["run", "--project=sub", "ls", "--json"],
  ]) {
    const result = await cli(argv, { answers: RUN_LIST, directory: "/home/ada" });
    assert.equal(result.stdout, '{"items":[]}\n');
    assert.deepEqual(result.connected, ["/home/ada/sub"]);
    assert.equal(result.closed, 1);
  }
});

test("options behind the command belong to the command", async () => {
  const run = exampleRun();
  const answers = { "run.start": { run }, "run.wait": { run }, "run.logs": noMore() };
  const result = await cli(["run", "python", "a.py", "--json", "--name", "x", "--", "-c"], { answers });
  assert.deepEqual(result.asked[0]?.params, {
    command: ["python", "a.py", "--json", "--name", "x", "--", "-c"],
    originId: (result.asked[0]?.params as { originId: string }).originId,
  });
  assert.equal(result.stdout, "");
});

test("errors under --json are JSON on stdout, with the exit code", async () => {
  const usage = await cli(["run", "ls", "--json", "--bogus"]);
  assert.equal(usage.code, 2);
  const { error } = JSON.parse(usage.stdout);
  assert.deepEqual(
    [error.code, error.kind, error.message],
    [-32602, "INVALID_PARAMS", "Unknown option '--bogus'."],
  );
  assert.equal(usage.stderr, "");
  const bug = await cli(["status", "--json"], { answers: {} });
  assert.equal(bug.code, 70);
  assert.equal(JSON.parse(bug.stdout).error.kind, "INTERNAL_ERROR");
});

test("a bug is told in one sentence; its stack only to those who ask", async () => {
  const quiet = await cli(["status"], { answers: {} });
  assert.match(
    quiet.stderr,
    /^error: datmo met a bug \(reference [0-9a-f]{8}\): no answer for project.status\.\nhint: .*\n$/,
  );
  const loud = await cli(["status"], { answers: {}, variables: { DATMO_LOG: "debug" } });
  assert.match(loud.stderr, /\n {4}at /);
});

test("version is the engine's own object under --json", async () => {
  assert.deepEqual(JSON.parse((await cli(["version", "--json"])).stdout), { name: "datmo", version });
});

function noMore() {
  return { text: "", offset: 0, nextOffset: 0, size: 0, ended: true };
}
