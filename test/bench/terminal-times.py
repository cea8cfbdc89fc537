"""Times on pseudo terminals, as JSON. `prompt [WORDS]`: ms from the start to a shell's prompt. `keys [WORDS, WORDS]`:
for each, ms from keys to their echo, pressed in turn so that a busy machine hits all alike."""
import json
import os
import pty
import select
import sys
import time

WAIT_SECONDS = 120
QUIET_SECONDS = 0.02
KEYS = 200


class Terminal:
    def __init__(self, words):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(words[0], words)

    def until(self, text):
        self.seen = b""
        while text not in self.seen:
            if not self.take(WAIT_SECONDS):
                sys.exit(f"{text!r} did not come, but {self.seen!r}")

    def take(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            return False
        self.seen += data
        return data != b""

    def press(self, key):
        self.quiet()
        began = time.perf_counter()
        os.write(self.fd, key)
        self.until(key)
        passed = (time.perf_counter() - began) * 1000
        os.write(self.fd, b"\x7f")
        self.quiet()
        return passed

    def quiet(self):
        while self.take(QUIET_SECONDS):
            pass

    def leave(self):
        os.write(self.fd, b"exit\n")
        while self.take(WAIT_SECONDS):
            pass
        os.waitpid(self.pid, 0)


commands = json.loads(sys.argv[2])
if sys.argv[1] == "prompt":
    began = time.perf_counter()
    terminal = Terminal(commands[0])
    terminal.until(b"# ")
    times = [[(time.perf_counter() - began) * 1000]]
    terminal.leave()
else:
    terminals = [Terminal(words) for words in commands]
    for terminal in terminals:
        terminal.until(b"# ")
    times = [[] for _ in terminals]
    for _ in range(KEYS):
        for own, terminal in zip(times, terminals):
            own.append(terminal.press(b"x"))
    for terminal in terminals:
        terminal.leave()
print(json.dumps(times))
