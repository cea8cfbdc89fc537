import { spawn } from "node:child_process";
import { DATMO, type Place } from "./datmo-process.ts";

/** What is typed once a text has been shown: `[["Name", "digits\n"]]`; `\x03` is Ctrl-C, `\x04` end of input. */
export type Typed = readonly (readonly [after: string, keys: string])[];

/** A pseudo terminal, which Node cannot make itself: what is typed, columns, words. Its exit code is the program's. */
export const PTY = `
import fcntl, json, os, pty, struct, sys, termios
steps, columns = json.loads(sys.argv[1]), int(sys.argv[2])
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[3], sys.argv[3:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
seen = b""
while True:
    try: data = os.read(fd, 4096)
    except OSError: break
    if not data: break
    sys.stdout.buffer.write(data); sys.stdout.buffer.flush(); seen += data
    while steps and steps[0][0].encode() in seen:
        seen = seen.split(steps[0][0].encode(), 1)[1]; os.write(fd, steps.pop(0)[1].encode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)
`;

/** Runs datmo on a terminal; what it showed, without what moves the cursor. */
export async function onTerminal(
  place: Place,
  argv: readonly string[],
  typed: Typed = [],
  columns = 100,
): Promise<{ readonly code: number; readonly shown: string }> {
  const words = [JSON.stringify(typed), String(columns), process.execPath, DATMO, ...argv];
  const child = spawn("python3", ["-c", PTY, ...words], {
    cwd: place.directory,
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const code = await new Promise<number>((resolve) => child.once("close", (status) => resolve(status ?? -1)));
  return { code, shown: shown.replace(/\u001b\[[\d;?]*[A-Za-z]/g, "").replaceAll("\r\n", "\n") };
}
