import type { Command } from "../../services/ports/drivers.ts";

/*
 * Every command runs under a tiny shell that outlives the engine and leaves the exit code in the task folder.
 *
 * Its words: working directory, then the command's own words. Its working directory is the task folder, so
 * that a project that is moved while it runs still gets its exit code. Descriptor 3 is a gate, a socket: the
 * shell says `ready` once no signal can hurt it, and the command starts only when the engine has written
 * process.json and says `go`; when the engine dies before that, nothing runs. `begun` comes from the process
 * that becomes the command: from then on a signal reaches it.
 *
 * - Traps that do nothing (rather than ignored signals) keep the shell alive, and the command gets the default.
 * - The command runs in the foreground of a subshell: in the background a shell takes away its input and SIGINT.
 * - `exec` finds programs only: a builtin such as `echo` or `cd` is not what `execvp` would run.
 * - The shell's own stderr is closed, so that output.log holds the command's output and nothing else.
 * - From its end on, signals are ignored: `date` and `mv` are in the same group. A kill of the group may still
 *   hit them, but not three times.
 * - exit.json.tmp exists already with enough bytes: writing over them works on a full disk.
 */
const SCRIPT = `trap : HUP INT QUIT PIPE ALRM TERM USR1 USR2
exec 4>&2 2>/dev/null
datmo_more=
echo ready >&3
if read -r datmo_go <&3; then
  (exec 2>&4 4>&-; cd "$1" || exit 125; unset OLDPWD datmo_go datmo_more; shift; echo begun >&3; exec 3<&-; exec "$@")
  datmo_code=$?
else
  echo "datmo: the engine ended before the command was started" >&4
  datmo_code=125
  datmo_more=',"begun":false'
fi
trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2
PATH=/usr/bin:/bin:$PATH
unset LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES
datmo_at=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
case $datmo_at in *[!0-9TZ:.-]* | "") datmo_at=$(date -u +%Y-%m-%dT%H:%M:%SZ) ;; esac
printf '{"exitCode":%d,"endedAt":"%s"%s}\\n' "$datmo_code" "$datmo_at" "$datmo_more" 1<>exit.json.tmp &&
  for datmo_try in 1 2 3; do mv -f exit.json.tmp exit.json && break; done
exit "$datmo_code"
`;

/** Arguments of /bin/sh that run a command in `directory` and leave its exit code in the current folder. */
export function wrapperArguments(
  command: Command,
  directory: string,
  environment: Readonly<Record<string, string>>,
): string[] {
  const words = command.kind === "shell" ? ["/bin/sh", "-c", command.text] : command.argv;
  return ["-c", SCRIPT, "datmo", directory, ...withOddVariables(words, environment)];
}

/**
 * Shells drop variables whose names they could not have set themselves (`BASH_FUNC_module%%`, `a.b`), so
 * these are set again by `env`. They are on its command line for a moment, visible to other users; such
 * variables carry functions of a shell, not credentials.
 */
function withOddVariables(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const odd = Object.entries(environment).filter(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  // `env` would take a program with a `=` in its name for one more variable.
  if (odd.length === 0 || words[0]?.includes("=")) return words;
  return ["/usr/bin/env", ...odd.map(([name, value]) => `${name}=${value}`), ...words];
}
