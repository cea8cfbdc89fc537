/* Runs commands of datmo on another machine: code travels there by tar over ssh, files that changed travel back. */
import { type DriverTask, definePlugin } from "datmo-plugin";
import { lookScript, PACK, remoteScript, START } from "./scripts.ts";
import { ssh } from "./ssh.ts";
import { readFiles } from "./tar.ts";

/** What has to be known to find a command again. */
interface Handle {
  readonly host: string;
  /** On the other machine, relative to the home: `project`, `task`, `output`, `exit`, `pid`. */
  readonly folder: string;
}

const MOST_OUTPUT = 1024 * 1024;
/** Of files that travel back, in one answer. */
const MOST_CONTENT = 4 * 1024 * 1024;

export default definePlugin({
  drivers: {
    ssh: {
      async start(task) {
        const host = Deno.env.get("DATMO_SSH");
        if (!host) throw new Error("set DATMO_SSH to the machine, as ssh knows it: `export DATMO_SSH=node1`");
        const base = Deno.env.get("DATMO_SSH_FOLDER") ?? ".datmo-runs";
        const handle: Handle = { host, folder: `${base}/${task.runId}` };
        await sendCode(handle, task);
        // By standard input: variables may be secrets, and command lines are seen by everybody.
        const keep = 'umask 077; cat > "$1/run.sh"';
        await ssh(host, keep, { words: [handle.folder], input: remoteScript(task) });
        await ssh(host, START, { words: [handle.folder] });
        return JSON.stringify(handle);
      },

      async poll(text, { outputFrom, waitMs }) {
        const { host, folder } = read(text);
        const tries = Math.max(1, Math.floor(waitMs / 200));
        const script = lookScript(outputFrom, tries, MOST_OUTPUT);
        const answer = await ssh(host, script, { words: [folder] });
        const line = answer.indexOf(10);
        const code = new TextDecoder().decode(answer.subarray(0, line));
        const output = answer.subarray(line + 1);
        if (code === "" || output.length > 0) return { output };
        return { output, exitCode: Number(code) };
      },

      async signal(text, signal) {
        const { host, folder } = read(text);
        const name = signal.replace("SIG", "");
        // The command leads a session of its own: its group is all that it started. Written as dash wants it, too.
        await ssh(host, `cd "$1" && [ ! -f exit ] && kill -s ${name} -- -"$(cat pid)"; true`, {
          words: [folder],
        });
      },

      async fetch(text, cursor) {
        const { host, folder } = read(text);
        const [which = "changed", at = "0"] = (cursor ?? "changed 0").split(" ");
        const archive = await ssh(host, PACK, { words: [folder, `${which}.tar`] });
        const { files, next } = readFiles(archive, Number(at), MOST_CONTENT);
        const place = which === "task" ? ("task" as const) : ("project" as const);
        const following =
          next !== undefined ? `${which} ${next}` : which === "changed" ? "task 0" : undefined;
        return {
          files: files.map((file) => ({ folder: place, ...file })),
          ...(following === undefined ? {} : { cursor: following }),
        };
      },

      async remove(text) {
        const { host, folder } = read(text);
        await ssh(host, 'rm -rf -- "$1"', { words: [folder] });
      },
    },
  },
});

function read(text: string): Handle {
  return JSON.parse(text) as Handle;
}

/** Everything but git's and datmo's own folders. */
async function sendCode({ host, folder }: Handle, { root }: DriverTask): Promise<void> {
  const words = ["-C", root, "--exclude=./.git", "--exclude=./.datmo", "-czf", "-", "."];
  const tar = new Deno.Command("tar", { args: words, stdout: "piped", stderr: "piped" }).spawn();
  const script = 'umask 077; mkdir -p "$1/project" "$1/task" && tar -C "$1/project" -xzf -';
  const [, { success, stderr }] = await Promise.all([
    ssh(host, script, { words: [folder], input: tar.stdout }),
    Promise.all([tar.status, new Response(tar.stderr).text()]).then(([status, said]) => ({
      success: status.success,
      stderr: said,
    })),
  ]);
  if (!success) throw new Error(`tar could not pack ${root}: ${stderr.trim().slice(-500)}`);
}
