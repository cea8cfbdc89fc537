/**
 * Starts RStudio Server as an ordinary user, the way it is done on clusters: its state, its keys and the check of the
 * password lie in the run's own folder.
 */
export function rstudioScript({
  address,
  port,
}: {
  readonly address: string;
  readonly port: number;
}): string {
  return `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/lib/rstudio-server/bin
mkdir -p "$here/rstudio"
printf 'provider=sqlite\\ndirectory=%s\\n' "$here/rstudio" > "$here/database.conf"
[ -s "$here/cookie-key" ] || (umask 077; head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n' > "$here/cookie-key")
USER=$(id -un 2>/dev/null || id -u)
export USER
exec rserver --server-daemonize=0 --server-user="$USER" \\
  --www-address=${address} --www-port=${port} \\
  --auth-none=0 --auth-pam-helper-path="$here/login" --auth-minimum-user-id=0 \\
  --auth-stay-signed-in-days=30 --auth-timeout-minutes=0 \\
  --server-data-dir="$here/rstudio" --database-config-file="$here/database.conf" \\
  --secure-cookie-key-file="$here/cookie-key" --server-pid-file="$here/rserver.pid"
`;
}

/** RStudio Server asks this program: the user is its first word, the password is on its input. */
export const LOGIN_SCRIPT = `#!/bin/sh
IFS= read -r given
IFS= read -r wanted < "$(dirname "$0")/token"
[ -n "$wanted" ] && [ "$given" = "$wanted" ]
`;
