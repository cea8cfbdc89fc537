import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makePlace, type Place } from "./helpers.ts";

const ENGINE = fileURLToPath(new URL("../../fixtures/host/terminal.ts", import.meta.url));
/** Runs argv on a pseudo terminal; types each line of its input when the text before `=>` has been shown. */
const PTY = `
import os, pty, sys
steps = [line.split("=>") for line in sys.argv[1].split("|")]
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
seen = b""
while True:
    try: data = os.read(fd, 4096)
    except OSError: break
    if not data: break
    sys.stdout.buffer.write(data); seen += data
    if steps and steps[0][0].encode() in seen:
        seen = b""; os.write(fd, steps.pop(0)[1].encode().decode("unicode_escape").encode())
os.waitpid(pid, 0)
`;

/** What the terminal showed. */
async function onTerminal(place: Place, typed: string, command: string[]): Promise<string> {
  const words = [
    process.execPath,
    "--import",
    "tsx",
    ENGINE,
    place.directory,
    place.taskDirectory,
    ...command,
  ];
  const child = spawn("python3", ["-S", "-c", PTY, typed, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  await once(child, "close");
  return shown;
}

test("an interactive command has the terminal; its output is shown, not recorded; the exit code is kept", async (t) => {
  const place = makePlace(t);
  const script = "[ -t 0 ] && [ -t 1 ] && echo ask >/dev/tty; read word; echo got $word; exit 5";
  const shown = await onTerminal(place, "ask=>hello\\n", ["sh", "-c", script]);
  assert.match(shown, /got hello/);
  assert.match(shown, /exit=5/);
  assert.equal(readFileSync(join(place.taskDirectory, "output.log"), "utf8"), "");
  assert.match(readFileSync(join(place.taskDirectory, "exit.json"), "utf8"), /"exitCode":5/);
});

test("Ctrl-C on the terminal reaches the command, and its end is still told", async (t) => {
  const place = makePlace(t);
  const shown = await onTerminal(place, "ready=>\\x03", ["sh", "-c", "echo ready; exec sleep 60"]);
  assert.match(shown, /exit=130/);
  assert.match(readFileSync(join(place.taskDirectory, "exit.json"), "utf8"), /"exitCode":130/);
});
