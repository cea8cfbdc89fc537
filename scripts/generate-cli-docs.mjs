// Writes docs/cli.md from the table of commands; with --check only says whether it is what would be written.
// Run with `node --import tsx scripts/generate-cli-docs.mjs [--check]`.
import { readFile, writeFile } from "node:fs/promises";
import { rootCommand } from "../src/cli/commands.ts";
import { describeCommands } from "../src/cli/describe-commands.ts";

const FILE = new URL("../docs/cli.md", import.meta.url);

const commands = await describeCommands(rootCommand);
const text = page(commands);
if (process.argv.includes("--check")) {
  const there = await readFile(FILE, "utf8").catch(() => "");
  if (there !== text) {
    console.error("docs/cli.md is not what the commands say; run npm run generate");
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, text);
}

function page(all) {
  const [root, ...others] = all;
  const runnable = others.filter(({ methods, children }) => methods.length > 0 || children.length === 0);
  return `<!-- generated from src/cli, do not edit; npm run generate -->

# The command line

For users and for scripts. \`datmo COMMAND --help\` says the same in a terminal.

## Rules

- Results go to stdout; messages, progress and warnings to stderr. Tables fit the terminal, and are plain and whole where there is none; \`NO_COLOR\` is honoured.
- Under \`--json\` stdout holds exactly the result of the command's method, on one line (\`protocol/SPEC.md\` describes it); a run's own output goes to stderr. \`run wait\` with several runs prints one line for each, \`worker\` one when a run starts and one when it has ended,
  \`version\` an object of the engine's name and version.
  An error is \`{"error": {code, kind, message, details, hint}}\` on stdout, with the exit code.
- Wherever a run, snapshot or sweep is asked for, its id, a unique beginning of the id (4 characters or more), a run's or sweep's name or a snapshot's label will do.
- \`-c KEY=VALUE\` and \`-c KEY:VALUE\` split at the first of the two signs. The value is JSON when it is JSON, else text: \`lr=0.1\` is a number, \`layers=[64,64]\` a list, \`url=http://h/x\` text. Dots in the key nest; backticks keep a dot from dividing ([dots in keys](filter.md)).
- Options of \`datmo run\` end where the command begins. One word is a line for the shell, several are executed as they are; \`{KEY}\` in them is replaced by the value of that key of the config.

## Exit codes

| code | means |
|---|---|
| 0 | done |
| 2 | the command line cannot be meant |
| 3 | no project, or one that cannot be used |
| 4 | not found or refused; \`rerun --verify\`: something differs |
| 5 | environment |
| 7 | the store; \`fsck\`: damage |
| 8 | a plugin; \`plugin test\`: something is not as it should be |
| 70 | a bug of datmo |
| 130 | interrupted |

\`run\`, \`rerun\`, \`task run\`, \`sweep\` and \`run wait\` exit with the command's own code (128 + n after signal n), and with 124 when its time was up, 125 when datmo itself failed or the run is lost, 127 when there is no such program, 130 or 143 when it was stopped. \`run wait\` with several runs and \`sweep\`: the first that is not 0. \`run --queue\`, \`sweep --queue\` and \`-d\`: 0 when it is queued or started.

## Commands and their results

| command | does | result of |
|---|---|---|
${runnable.map(row).join("\n")}

${runnable.map(section).join("\n\n")}

## Options of every command

${optionList(root.options.filter(({ global }) => global))}
`;
}

function row({ words, summary, methods }) {
  const links = methods.map((method) => {
    const anchor = method.replaceAll(".", "").toLowerCase();
    return `[\`${method}\`](../protocol/SPEC.md#${anchor}): \`${resultType(method)}\``;
  });
  return `| [\`${words.slice(1).join(" ")}\`](#${words.join("-")}) | ${cell(summary)} | ${links.join(", ") || "—"} |`;
}

/** Name of the result in src/protocol/types.ts. */
function resultType(method) {
  return `${method.replace(/(^|\.)(\w)/g, (_, __, letter) => letter.toUpperCase())}Result`;
}

function section({ words, summary, usage, arguments: taken, options }) {
  const own = options.filter(({ global }) => !global);
  const parts = [
    `### ${words.join(" ")}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    `\`\`\`\n${[...words, usage].join(" ")}\n\`\`\``,
    taken.map(({ name, description }) => `- \`${name}\`: ${description}`).join("\n"),
    optionList(own),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function optionList(options) {
  if (options.length === 0) return "";
  const rows = options.map(({ flags, description, choices }) => {
    const oneOf = choices.length > 0 ? ` (${choices.join(", ")})` : "";
    return `| \`${cell(flags)}\` | ${cell(description)}${oneOf} |`;
  });
  return ["| option | |", "|---|---|", ...rows].join("\n");
}

function cell(text) {
  return text.replaceAll("|", "\\|");
}
