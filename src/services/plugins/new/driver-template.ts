import { keyOf, type Template } from "./template.ts";

/** How a command is started and looked at. */
const HEAD = `import { definePlugin, type DriverState } from "datmo-plugin";

/*
 * Everything is done by \`sh\`, so that with \`ssh HOST sh\` it is done on another machine; the project's files have to
 * travel there then, and back (\`fetch\`).
 */

/** All that is needed to find a command again, also for another process of the plugin. */
interface Handle {
  readonly folder: string;
  /** Of the process that leads the command's session. */
  readonly pid: number;
}

const PREPARE = 'umask 077; folder=$(mktemp -d) && cat > "$folder/config.json" && : > "$folder/output" && printf %s "$folder"';

/** The shell outlives a signal to the whole session, and puts down the exit code. */
const RUN = \`folder=$1; shift; trap : HUP INT TERM
nice -n 19 "$@" > "$folder/output" 2>&1
echo $? > "$folder/exit.new"; mv "$folder/exit.new" "$folder/exit"\`;

/** The exit code, or an empty line; then output from a byte on. */
const LOOK = \`cd "$1" || exit 9; n=0
while [ $n -lt "$3" ] && [ ! -f exit ] && [ "$(wc -c < output)" -le "$2" ]; do sleep 0.2; n=$((n+1)); done
kill -0 "$4" 2>/dev/null || [ -f exit ] || echo 137 > exit
cat exit 2>/dev/null || echo
tail -c +"$(($2+1))" output | head -c 1048576\`;

`;

const HELPERS = `/** A line with the exit code when it has ended, then output. The exit code is told behind all output. */
export function stateOf(answer: Uint8Array): DriverState {
  const line = answer.indexOf(10);
  const code = new TextDecoder().decode(answer.subarray(0, line));
  const output = answer.subarray(line + 1);
  return code === "" || output.length > 0 ? { output } : { output, exitCode: Number(code) };
}

function read(handle: string): Handle {
  return JSON.parse(handle) as Handle;
}

/** What a script prints. */
async function sh(script: string, words: readonly (string | number)[], input = ""): Promise<Uint8Array> {
  const child = new Deno.Command("sh", {
    args: ["-c", script, "sh", ...words.map(String)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A script that does not read may be through before.
  await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim() || "sh failed");
  return stdout;
}
`;

/** Commands on this machine, by programs that another machine has too. */
export const driverTemplate: Template = {
  description: "runs commands on this machine, giving way to everything else",
  provides: (name) => [{ kind: "driver", name, description: "this machine, giving way to everything else" }],
  permissions: { env: ["HOME", "PATH"], run: ["sh"] },
  reaches: true,
  main: {
    typescript: (name) => `${HEAD}export default definePlugin({
  drivers: {
    ${keyOf(name)}: {
      async start({ command, root, directory, variables, config }) {
        const folder = new TextDecoder().decode(await sh(PREPARE, [], JSON.stringify(config)));
        const words = typeof command === "string" ? ["sh", "-c", command] : command;
        const child = new Deno.Command("sh", {
          args: ["-c", RUN, "sh", folder, ...words],
          cwd: \`\${root}/\${directory}\`,
          env: { ...variables, DATMO_CONFIG: \`\${folder}/config.json\` },
          detached: true,
          stdin: "null",
          stdout: "null",
          stderr: "null",
        }).spawn();
        child.unref();
        return JSON.stringify({ folder, pid: child.pid } satisfies Handle);
      },

      async poll(handle, { outputFrom, waitMs }) {
        const { folder, pid } = read(handle);
        const tries = Math.max(1, Math.floor(waitMs / 200));
        return stateOf(await sh(LOOK, [folder, outputFrom, tries, pid]));
      },

      async signal(handle, signal) {
        await sh('kill -s "$1" -- "-$2" 2>/dev/null; true', [signal.replace("SIG", ""), read(handle).pid]);
      },

      async remove(handle) {
        await sh('rm -rf -- "$1"', [read(handle).folder]);
      },
    },
  },
});

${HELPERS}`,
  },
  unitTest: () => `import assert from "node:assert/strict";
import { stateOf } from "./main.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("tells the exit code when there is no more output", () => {
  assert.deepEqual(stateOf(bytes("\\nloss: 1\\n")), { output: bytes("loss: 1\\n") });
  assert.deepEqual(stateOf(bytes("3\\nloss: 1\\n")), { output: bytes("loss: 1\\n") });
  assert.deepEqual(stateOf(bytes("3\\n")), { output: bytes(""), exitCode: 3 });
});
`,
  cases: (name) => [
    {
      name: "carries out a run: output, metrics, variables, exit code",
      steps: [
        {
          run: 'echo "loss: $LOSS"; exit 3',
          params: { driver: name, usage: false, variables: { LOSS: "0.5" } },
          expect: { run: { status: "failed", exitCode: 3, driver: name, metrics: { loss: 0.5 } } },
        },
      ],
    },
  ],
  use: (name) => `datmo run --on ${name} COMMAND`,
};
