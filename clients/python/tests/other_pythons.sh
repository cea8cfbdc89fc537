#!/usr/bin/env bash
# Gets Python 3.9 and 3.13 of other Debian releases: unpacked into a folder, nothing is installed.
# `other_pythons.sh FOLDER` makes FOLDER/python3.9 and FOLDER/python3.13; a folder that is complete is left as it is.
set -euo pipefail
folder=$(realpath -m "$1")
[ -e "$folder/complete" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keys=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$folder"

get() { # release, folder, packages…
  local release=$1 root=$2 place=$work/$1
  shift 2
  mkdir -p "$place"/{lists/partial,cache/partial,debs}
  touch "$place/status"
  echo "deb [signed-by=$keys] http://deb.debian.org/debian $release main" >"$place/sources.list"
  cat >"$place/apt.conf" <<END
Dir::Etc::sourcelist "$place/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::Lists "$place/lists";
Dir::State::status "$place/status";
Dir::Cache "$place/cache";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "60";
APT::Sandbox::User "root";
END
  (cd "$place/debs" && APT_CONFIG=$place/apt.conf apt-get update -qq && APT_CONFIG=$place/apt.conf apt-get download -qq "$@")
  rm -rf "$root"
  for file in "$place"/debs/*.deb; do dpkg -x "$file" "$root"; done
}

wrap() { # version, root, loader
  local libraries=$2/usr/lib/x86_64-linux-gnu:$2/lib/x86_64-linux-gnu
  cat >"$folder/python$1" <<END
#!/bin/sh
export PYTHONHOME=$2/usr
exec $3 --argv0 "\$0" --library-path $libraries $2/usr/bin/python$1 "\$@"
END
  chmod 755 "$folder/python$1"
  "$folder/python$1" -c "import ssl, hashlib, ctypes, decimal, sys; assert sys.version.startswith('$1.')"
}

get bullseye "$folder/bullseye" python3.9-minimal libpython3.9-minimal libpython3.9-stdlib libssl1.1 libffi7 libmpdec3
get trixie "$folder/trixie" python3.13-minimal libpython3.13-minimal libpython3.13-stdlib libc6 libexpat1 zlib1g libssl3t64 libffi8 libmpdec4 libuuid1 libzstd1
wrap 3.9 "$folder/bullseye" /lib64/ld-linux-x86-64.so.2
wrap 3.13 "$folder/trixie" "$(find "$folder/trixie" -name 'ld-linux-x86-64.so.2' | head -1)"
touch "$folder/complete"
