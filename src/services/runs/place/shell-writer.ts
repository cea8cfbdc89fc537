import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../util/atomic-file.ts";
import type { OpenProject } from "../../project/open-project.ts";

/** Folder in a container that the script lies in, last on its PATH: an image's own datmo comes first. */
export const TOOLS_INSIDE = "/opt/datmo/bin";

/**
 * Puts `datmo` for shells in containers where it can be mounted: `datmo log NAME=NUMBER… [--step N]`, in plain POSIX
 * shell, since an image has neither Node nor Python for certain. Resolves with the folder.
 */
export async function shellTools(project: OpenProject): Promise<string> {
  const folder = join(project.datmo, "cache", "tools");
  const path = join(folder, "datmo");
  if ((await readFile(path, "utf8").catch(() => "")) !== SCRIPT) {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(path, SCRIPT, { sync: false });
  }
  // The container's user may be another than ours.
  await chmod(path, 0o755);
  return folder;
}

const SCRIPT = `#!/bin/sh
# datmo log NAME=NUMBER... [--step N]: appends to the journal of the run around it.
fail() { printf 'error: %s\\n' "$1" >&2; exit 2; }
[ "$1" = log ] || fail "in a container there is only: datmo log NAME=NUMBER... [--step N]"
shift
[ -n "$DATMO_TASK_DIR" ] || fail "there is no run around this command"
step=0 names= values= steps= times=
now=$(date -u +%s)
LC_ALL=C
while [ $# -gt 0 ]; do
  case $1 in
    --step) [ $# -gt 1 ] || fail "--step needs a number"; step=$2; shift ;;
    --step=*) step=\${1#--step=} ;;
    [A-Za-z_]*=*)
      name=\${1%%=*} value=\${1#*=}
      case $name in *[!A-Za-z0-9_./\\ -]*) fail "$name is no name of a metric" ;; esac
      case $value in
        nan | NaN) value='"NaN"' ;;
        inf | +inf | Infinity) value='"Infinity"' ;;
        -inf | -Infinity) value='"-Infinity"' ;;
        *)
          printf '%s\\n' "$value" | grep -Eq '^[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?$' || fail "$1 is no number"
          value=\${value#+}
          sign=; case $value in -*) sign=- value=\${value#-} ;; esac
          # JSON wants digits around the point and no zeros in front.
          case $value in .*) value=0$value ;; esac
          value=$(printf '%s\\n' "$value" | sed -e 's/^0*\\([0-9]\\)/\\1/' -e 's/\\.\\([eE]\\|$\\)/.0\\1/')
          value=$sign$value
          ;;
      esac
      names="$names\${names:+,}\\"$name\\"" values="$values\${values:+,}$value"
      ;;
    *) fail "$1 is not NAME=NUMBER" ;;
  esac
  shift
done
case \${step#-} in '' | *[!0-9]*) fail "--step needs a whole number" ;; esac
step=$(printf '%s\\n' "$step" | sed 's/^\\(-\\{0,1\\}\\)0*\\([0-9]\\)/\\1\\2/')
[ -n "$names" ] || fail "no metric was given"
rest=$names
while :; do
  steps="$steps\${steps:+,}$step" times="$times\${times:+,}$now"
  case $rest in *,*) rest=\${rest#*,} ;; *) break ;; esac
done
mkdir -p "$DATMO_TASK_DIR/journal" || exit 1
at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
printf '{"v":1,"type":"points","at":"%s","points":{"name":[%s],"step":[%s],"value":[%s],"at":[%s]}}\\n' \\
  "$at" "$names" "$steps" "$values" "$times" >>"$DATMO_TASK_DIR/journal/sh-$(hostname 2>/dev/null || echo box)-$PPID.jsonl"
`;
