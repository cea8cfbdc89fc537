/*
 * The pages for users hold: every `console` block is run in a new folder of its page, in order, and its output
 * compared; every other block of commands says above it why it is not.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { DATMO } from "../helpers/datmo-process.ts";
import { blocksOf, commandsOf, isAsShown } from "../helpers/doc-blocks.ts";

const PAGES = [
  "README.md",
  "examples/editor/README.md",
  "examples/iris/README.md",
  ...["best-so-far", "ssh-driver", "webhook"].map((name) => `examples/plugins/${name}/README.md`),
  // Written by programs from what is there.
  ...readdirSync("docs").filter(
    (name) => name.endsWith(".md") && !["cli.md", "conformance.md"].includes(name),
  ),
].map((name) => (name.includes("/") || name === "README.md" ? name : join("docs", name)));
/** Blocks of these are no commands; those of Python are run by the tests of its client. */
const OTHERS = new Set(["json", "ts", "python", "ebnf", "text"]);
/** Longest a command of a page may take, milliseconds. */
const LONGEST_MS = 300_000;

for (const page of PAGES) {
  const blocks = blocksOf(page);
  const commands = blocks.filter(({ language }) => language === "console").flatMap(commandsOf);
  if (commands.length > 0) test(`${page} shows what happens`, (t) => runPage(t, page, commands));
}

test("every block of commands is run, or says why it is not", (t) => {
  const silent: string[] = [];
  for (const page of PAGES) {
    for (const { line, language, notRun } of blocksOf(page)) {
      if (notRun !== undefined) t.diagnostic(`not run: ${page}:${line}: ${notRun}`);
      else if (language !== "console" && !OTHERS.has(language)) silent.push(`${page}:${line}`);
    }
  }
  assert.deepEqual(silent, []);
});

test("differences are found", () => {
  const shown = "run abcdefgh first: succeeded in 0.14 s; loss 0.5\n";
  assert.ok(isAsShown(shown, "run zyxwvu23  first: succeeded in 12.5 s; loss 0.5\n"));
  assert.ok(isAsShown("a\n…\nz\n", "a\nb\nc\nz\n"));
  assert.ok(!isAsShown(shown, "run zyxwvu23 first: succeeded in 12.5 s; loss 0.6\n"));
  assert.ok(!isAsShown(shown, `${shown}warning: more\n`));
  assert.ok(!isAsShown("a.c\n", "abc\n"));
});

function runPage(
  t: { after(end: () => void): void },
  page: string,
  commands: ReturnType<typeof commandsOf>,
): void {
  const above = mkdtempSync(join(tmpdir(), "datmo-docs-"));
  t.after(() => rmSync(above, { recursive: true, force: true, maxRetries: 5 }));
  const [directory, programs] = [join(above, "digits"), join(above, "bin")];
  for (const folder of [directory, programs, join(above, "home")]) mkdirSync(folder);
  writeFileSync(join(programs, "datmo"), `#!/bin/sh\nexec '${process.execPath}' -- '${DATMO}' "$@"\n`);
  chmodSync(join(programs, "datmo"), 0o755);
  const env = {
    ...process.env,
    PATH: [programs, dirname(process.execPath), process.env["PATH"]].join(delimiter),
    HOME: join(above, "home"),
    NO_COLOR: "1",
  };
  for (const { line, command, output } of commands) {
    // Both streams in one, as a terminal shows them.
    const script = `exec 2>&1\n${command}\n`;
    const done = spawnSync("bash", ["-c", script], {
      cwd: directory,
      env,
      encoding: "utf8",
      timeout: LONGEST_MS,
    });
    assert.equal(done.error, undefined, `${page}:${line}: ${command}`);
    assert.ok(
      isAsShown(output, done.stdout),
      `${page}:${line}: ${command}\nshown:\n${output}\nprinted:\n${done.stdout}`,
    );
  }
}
