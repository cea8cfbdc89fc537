#!/usr/bin/env bash
# Gets the engine of the next Debian (Docker 26) and a registry, to be run beside this Debian's own: unpacked into a
# folder, nothing is installed. `newer-engine.sh FOLDER`; a folder that is complete is left as it is.
set -euo pipefail
folder=$(realpath -m "$1")
[ -e "$folder/complete" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/partial,debs,root} "$folder"
touch "$work/status"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] http://deb.debian.org/debian trixie main" >"$work/sources.list"
cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::Lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "60";
APT::Sandbox::User "root";
END
export APT_CONFIG=$work/apt.conf
apt-get update -qq
cd "$work/debs"
apt-get download -qq docker.io containerd runc tini libc6 libseccomp2 docker-registry
for file in *.deb; do dpkg -x "$file" "$work/root"; done
rm -rf "$folder/usr"
mv "$work/root/usr" "$folder/usr"
# Its runc wants the newer C library, the others do with this machine's.
mv "$folder/usr/sbin/runc" "$folder/usr/sbin/runc-newer"
cat >"$folder/usr/sbin/runc" <<END
#!/bin/sh
exec unshare -m sh -c 'mount -t overlay overlay -o lowerdir=$folder/usr:/usr /usr && exec /usr/sbin/runc-newer "\$@"' runc "\$@"
END
chmod 755 "$folder/usr/sbin/runc"
touch "$folder/complete"
