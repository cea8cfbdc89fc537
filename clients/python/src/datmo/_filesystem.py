"""Facts about file systems that Python's own library does not tell, and careful writing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# A mapped write into a file on one of these may be refused, lost, or a SIGBUS when the server goes away.
_NETWORK = frozenset(
    "9p acfs afs beegfs ceph cifs coda gfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs3 nfs4 ocfs2 orangefs "
    "panfs pvfs2 smb2 smb3 smbfs vboxsf wekafs".split()
)
_LOCAL_FUSE = frozenset(["fuse.fuse-overlayfs", "fuse.mergerfs", "fuse.bindfs", "fuse.gocryptfs", "fuseblk"])


def is_network(path: str) -> bool:
    """True when ``path`` lies on a network file system, as far as ``/proc`` tells."""
    kind = filesystem_type(path)
    return kind in _NETWORK or (kind.startswith("fuse") and kind not in _LOCAL_FUSE)


def filesystem_type(path: str, mountinfo: str = "/proc/self/mountinfo") -> str:
    """Type of the file system of an existing path; empty when unknown."""
    try:
        device = os.stat(path).st_dev
        types = dict(_mounts(mountinfo))
    except (OSError, ValueError, IndexError):
        return ""
    return types.get(f"{os.major(device)}:{os.minor(device)}", "")


def _mounts(mountinfo: str) -> Iterator[tuple[str, str]]:
    # 36 35 98:0 /root /mount rw,noatime master:1 - ext3 /dev/root rw
    with open(mountinfo, encoding="utf-8", errors="replace") as file:
        for line in file:
            left, _, right = line.partition(" - ")
            yield left.split(" ", 3)[2], right.split(" ", 1)[0]


def make_private(path: str) -> None:
    """Makes a folder for this user alone, unless it is there."""
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass


def open_new(path: str, flags: int) -> int:
    """Opens a file that must not exist yet (a link in its place is refused too), for this user alone."""
    return os.open(path, flags | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)


def write_at(descriptor: int, data: bytes, offset: int) -> int:
    """Writes at a place of the file and answers how many bytes; a full disk may cut it short. Raises OSError."""
    if hasattr(os, "pwrite"):
        return os.pwrite(descriptor, data, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.write(descriptor, data)


def write_atomically(path: str, text: str, *, replace: bool = True) -> None:
    """Writes a file so that a reader sees all of it or nothing.

    Raises OSError; FileExistsError when ``replace`` is false and the file is there.
    """
    from ._ids import random_id

    temporary = f"{path}.{random_id()}.tmp"
    descriptor = open_new(temporary, os.O_WRONLY)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if replace:
            os.replace(temporary, path)
        else:
            os.link(temporary, path)
            os.unlink(temporary)
    except BaseException:
        os.unlink(temporary)
        raise
