"""The server's secret: one file in the data directory that only its owner can read.

Made when it is first needed. Where the directory cannot be written, or somebody else could have
planted or read the file, a secret in memory takes its place, which the log tells. A fault that
passes is no reason: the token that people know must not be forgotten for it.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TokenFile"]

_NAME = "server-token"
_DIRECTORY = ".tracklab"
_MAX_BYTES = 4096
#: These say of the place itself that it keeps no secret; others may be gone a moment later.
_NO_PLACE = frozenset(
    {
        errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.ELOOP,
        errno.EEXIST, errno.ENOSPC, errno.EDQUOT,
    }
)  # fmt: skip
_log = logging.getLogger("tracklab.server")


class TokenFile:
    """The token of the server on `root`; reads or makes `<root>/.tracklab/server-token`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._value: str | None = None
        self._kept = False

    @property
    def kept(self) -> bool:
        """Whether the token lies in its file; False means that it ends with this process."""
        self.read()
        return self._kept

    @property
    def path(self) -> Path:
        """Where the token lies, if it is kept."""
        return self._root / _DIRECTORY / _NAME

    def read(self) -> str:
        """Return the token, made on the first call; `kept` tells whether it is in the file.

        Raises:
            OSError: the file cannot be read now, for a reason that may pass. Nothing is decided.
        """
        if self._value is None:
            try:
                self._value, self._kept = self._load() or self._create(), True
            except OSError as error:
                if error.errno not in _NO_PLACE:
                    raise
                self._value = secrets.token_urlsafe(32)
                _log.warning("no token is kept in %s: %s", self.path, error.strerror)
        return self._value

    def _load(self) -> str | None:
        directory = self._open_directory()
        try:
            file = os.open(_NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
        except FileNotFoundError:
            return None
        finally:
            os.close(directory)
        try:
            _check_private(os.fstat(file))
            return os.read(file, _MAX_BYTES).decode("ascii", "replace").strip() or None
        finally:
            os.close(file)

    def _create(self) -> str:
        value = secrets.token_urlsafe(32)
        directory = self._open_directory()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        draft = f"{_NAME}.{os.getpid()}"
        try:
            file = os.open(draft, flags, 0o600, dir_fd=directory)
            try:
                os.write(file, value.encode() + b"\n")
            finally:
                os.close(file)
            # A link fails when the name exists: of two servers starting at once one wins, and
            # nobody ever reads half a token.
            os.link(draft, _NAME, src_dir_fd=directory, dst_dir_fd=directory)
        except FileExistsError:
            return self._load() or value
        finally:
            _unlink(draft, directory)
            os.close(directory)
        return value

    def _open_directory(self) -> int:
        path = self._root / _DIRECTORY
        path.mkdir(mode=0o700, exist_ok=True)
        # O_NOFOLLOW: a link planted here would send the secret elsewhere.
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _check_private(status: os.stat_result) -> None:
    """Refuse a token that another account wrote or can read.

    Raises:
        PermissionError: it is no regular file of ours with mode 0600 or stricter.
    """
    ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid()
    if not ours or stat.S_IMODE(status.st_mode) & 0o077:
        raise PermissionError(errno.EPERM, "other accounts wrote it or can read it")


def _unlink(name: str, directory: int) -> None:
    try:
        os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return
