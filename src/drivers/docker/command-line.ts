import type { Command } from "../../services/ports/drivers.ts";

/*
 * A container lives as long as its first program. The engine's own small init is that program: it passes signals on
 * to the whole group (TINI_KILL_PROCESS_GROUP) and collects orphans, and ends when the command does. A command that
 * is one string runs under two shells, so that `python train.py && python test.py` gets its grace: all of them are
 * told to end, the inner shell dies of it at once, and the outer one waits for whoever still saves its work.
 * Without a request to end it waits for nobody: what a command leaves behind ends with the container. The outer
 * shell's own words (`Killed`) go nowhere.
 *
 * Podman's init tells its child only, and a shell hears of a signal when its command has ended: there the command's
 * shell is alone, dies of the signal, and what it had started gets no grace.
 */
const SHELL_SCRIPT = `datmo_asked=
trap 'datmo_asked=1' HUP INT TERM
exec 4>&2 2>/dev/null
(exec 2>&4 4>&-; exec /bin/sh -c "$1")
datmo_code=$?
datmo_others() { set -- /proc/[0-9]*; [ "$#" -gt 2 ]; }
while [ -n "$datmo_asked" ] && datmo_others; do sleep 0.05 2>/dev/null || sleep 1; done
exit "$datmo_code"
`;

/** The words that a container executes for a command. */
export function commandWords(command: Command, product: "docker" | "podman"): readonly string[] {
  if (command.kind === "argv") return command.argv;
  if (product === "podman") return ["/bin/sh", "-c", command.text];
  return ["/bin/sh", "-c", SHELL_SCRIPT, "datmo", command.text];
}

/** The program that must be in the image. */
export function programOf(words: readonly string[]): string {
  return words[0] ?? "";
}
