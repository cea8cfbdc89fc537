import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { rootCommand } from "../../../src/cli/commands.ts";
import { describeCommands } from "../../../src/cli/describe-commands.ts";
import { methodInfo } from "../../../src/protocol/methods.ts";
import { cli } from "../../helpers/cli.ts";

/** What bash offers for a line whose last word is being typed. */
function offered(script: string, words: string[]): string[] {
  const program = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_datmo; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["--norc", "-c", program], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.split("\n").filter((line) => line !== "");
}

describe("bash completion", () => {
  const cases: [line: string, offers: string[]][] = [
    ["datmo st", ["status", "stop"]],
    ["datmo run l", ["logs", "ls"]],
    ["datmo --json run l", ["logs", "ls"]],
    ["datmo --project run run l", ["logs", "ls"]],
    ["datmo run python l", []],
    ["datmo snapshot create --me", ["--message", "--metrics", "--metrics-file"]],
    ["datmo snapshot che", ["checkout"]],
    ["datmo rerun --ver", ["--verify"]],
    ["datmo run --tag x --iso", ["--isolated"]],
    ["datmo task s", ["show"]],
  ];
  for (const [line, offers] of cases) {
    test(line, async () => {
      const { stdout } = await cli(["completion", "bash"]);
      assert.deepEqual(offered(stdout, line.split(" ")).sort(), offers);
    });
  }

  test("every command is offered at its place", async () => {
    const { stdout } = await cli(["completion", "bash"]);
    for (const { words, children } of await describeCommands(rootCommand)) {
      if (children.length === 0) continue;
      assert.deepEqual(offered(stdout, [...words, ""]).sort(), children.map(({ name }) => name).sort());
    }
  });
});

describe("scripts", () => {
  for (const shell of ["zsh", "fish"]) {
    test(`${shell} has every command and option`, async (t) => {
      const { stdout } = await cli(["completion", shell]);
      for (const { words, options } of await describeCommands(rootCommand)) {
        assert.ok(stdout.includes(words.join(" ")), words.join(" "));
        for (const name of options.flatMap(({ names }) => names)) {
          assert.ok(stdout.includes(shell === "fish" ? name.replace(/^-+/, " ").trim() : name), name);
        }
      }
      const checked = spawnSync(shell, ["-n"], { input: stdout, encoding: "utf8" });
      if (checked.error) t.diagnostic(`${shell} is not installed, so its syntax was not checked`);
      else assert.equal(checked.status, 0, checked.stderr);
    });
  }
});

test("every command says what it does and which known methods answer it", async () => {
  const commands = await describeCommands(rootCommand);
  assert.ok(commands.length >= 35);
  for (const { words, summary, methods, options } of commands) {
    assert.match(summary, /^\S.*[^.]$|\.$/, words.join(" "));
    for (const method of methods) assert.ok(Object.hasOwn(methodInfo, method), method);
    for (const { flags, description } of options)
      assert.notEqual(description, "", `${words.join(" ")} ${flags}`);
  }
});
