import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { StartSpec } from "../../src/services/ports/drivers.ts";
import { makePlace, outputOf, skip, useEngine } from "./helpers.ts";

const ENGINE = fileURLToPath(new URL("../fixtures/docker/terminal.ts", import.meta.url));

/** A pseudo terminal of 30 × 90; `SIZE` among what is typed makes it 41 × 101. */
const PTY = `
import fcntl, json, os, pty, signal, struct, sys, termios
steps = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
size = lambda r, c: fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", r, c, 0, 0))
size(30, 90)
seen = b""
while True:
    try: data = os.read(fd, 4096)
    except OSError: break
    if not data: break
    sys.stdout.buffer.write(data); seen += data
    while steps and steps[0][0].encode() in seen:
        seen = seen.split(steps[0][0].encode(), 1)[1]
        keys = steps.pop(0)[1]
        if keys == "SIZE": size(41, 101)
        else: os.write(fd, keys.encode())
os.waitpid(pid, 0)
`;

function engineWords(host: string, spec: StartSpec): string[] {
  return ["--import", "tsx", ENGINE, host, JSON.stringify({ ...spec, interactive: true })];
}

async function onTerminal(host: string, spec: StartSpec, typed: [string, string][]): Promise<string> {
  const words = ["-S", "-c", PTY, JSON.stringify(typed), process.execPath, ...engineWords(host, spec)];
  const child = spawn("python3", words, { stdio: ["ignore", "pipe", "inherit"] });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  await once(child, "close");
  return shown.replace(/\r+\n/g, "\n");
}

describe("interactive commands in containers", { skip }, () => {
  const box = useEngine();

  test("the terminal is the command's: keys, size and its changes, end; its output is not recorded", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec(
      "[ -t 0 ] && [ -t 1 ] && echo asks; read word; echo got $word; while [ \"$(stty size)\" != '30 90' ]; do sleep 0.02; done; echo small; while [ \"$(stty size)\" != '41 101' ]; do sleep 0.02; done; echo large; exit 5",
    );
    const shown = await onTerminal(box.engine.host, spec, [
      ["asks", "hello\n"],
      ["small", "SIZE"],
    ]);
    assert.match(shown, /got hello\n/);
    assert.match(shown, /large\n/);
    assert.match(shown, /exit=5/);
    assert.equal(outputOf(spec.taskDirectory), "");
    assert.match(readFileSync(join(spec.taskDirectory, "exit.json"), "utf8"), /"exitCode":5/);
  });

  test("Ctrl-C and Ctrl-P are keys of the command, not of datmo or the engine", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec([
      "sh",
      "-c",
      "stty -icanon -echo; echo asks; dd bs=1 count=2 2>/dev/null | od -An -tx1; stty sane; echo wait; exec sleep 600",
    ]);
    const shown = await onTerminal(box.engine.host, spec, [
      ["asks", "\u0010\u0001"],
      ["wait", "\u0003"],
    ]);
    assert.match(shown, /10 01/);
    assert.match(shown, /exit=130/);
  });

  test("standard input that is no terminal is handed over with its end, and the output recorded", async (t) => {
    const place = makePlace(t, box.engine.host);
    const spec = place.spec("wc -c; exit 4");
    const child = spawn(process.execPath, engineWords(box.engine.host, spec), {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.end("x".repeat(300_000));
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0);
    assert.equal(outputOf(spec.taskDirectory).trim(), "300000");
  });
});
