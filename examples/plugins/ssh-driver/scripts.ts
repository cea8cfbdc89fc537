import type { DriverTask } from "datmo-plugin";

/** Starts `run.sh` in a session of its own, so that it goes on when the connection is gone; waits until it runs. */
export const START = `umask 077; cd "$1" || exit 9
: > output; touch started; sleep 0.02
setsid sh run.sh > output 2>&1 < /dev/null &
n=0; while [ ! -f pid ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n+1)); done
[ -f pid ]`;

/** The exit code when it has ended, an empty line else; then output from a byte on. */
export function lookScript(outputFrom: number, tries: number, most: number): string {
  return `cd "$1" || exit 9; n=0
while [ $n -lt ${tries} ] && [ ! -f exit ] && [ "$(wc -c < output)" -le ${outputFrom} ]; do sleep 0.2; n=$((n+1)); done
kill -0 "$(cat pid)" 2>/dev/null || [ -f exit ] || echo 137 > exit
printf '%s\\n' "$(cat exit 2>/dev/null)"
tail -c +${outputFrom + 1} output | head -c ${most}`;
}

/** Packs what the command changed, once, and gives one of the two archives. */
export const PACK = `cd "$1" || exit 9
[ -f task.tar ] || {
  (cd project && find . -type f -newer ../started ! -path './.git/*' -print0) > changed.list
  tar -C project --null -T changed.list -cf changed.tar
  (cd task && find journal spool files -type f -print0 2>/dev/null) > task.list
  tar -C task --null -T task.list -cf task.new && mv task.new task.tar
}
cat "$2"`;

/** What is run there. */
export function remoteScript({ runId, command, directory, variables, config }: DriverTask): string {
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  const words = typeof command === "string" ? ["sh", "-c", command] : command;
  return `here=$PWD; echo $$ > pid.new && mv pid.new pid
trap : HUP INT TERM
cat > task/config.json <<'DATMO_CONFIG_END'
${JSON.stringify(config)}
DATMO_CONFIG_END
${exports.join("\n")}
export DATMO_RUN_ID=${quoted(runId)} DATMO_TASK_DIR="$here/task" DATMO_CONFIG="$here/task/config.json"
export DATMO_PROJECT_DIR="$here/project" PYTHONUNBUFFERED=1
(cd "project/${directory}" 2>/dev/null || exit 125; exec ${words.map(quoted).join(" ")})
code=$?
cd "$here" && echo $code > exit.new && mv exit.new exit
`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
