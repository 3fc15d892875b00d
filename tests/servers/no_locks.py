"""A file system without locks, as Lustre without ``-o flock``: a library before libc that refuses every lock."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

_SOURCE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>

static int refused(void) { errno = atoi(getenv("NO_LOCKS")); return -1; }

int flock(int file, int operation) { return refused(); }

static int call(const char *name, int file, int command, void *argument) {
    if (command == F_SETLK || command == F_SETLKW || command == F_GETLK || command == F_OFD_SETLK)
        return refused();
    int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
    return real(file, command, argument);
}

#define DEFINED(name) int name(int file, int command, ...) { \\
    va_list rest; va_start(rest, command); void *argument = va_arg(rest, void *); va_end(rest); \\
    return call(#name, file, command, argument); }
DEFINED(fcntl)
DEFINED(fcntl64)
"""


def environment(folder: Path, answer: int = errno.ENOSYS) -> dict[str, str]:
    """Return the environment in which programs get an error for every lock."""
    library = folder / "nolocks.so"
    if not library.exists():
        (folder / "nolocks.c").write_text(_SOURCE, encoding="ascii")
        command = ["cc", "-shared", "-fPIC", "-w", "-o", str(library), str(folder / "nolocks.c"), "-ldl"]
        subprocess.run(command, check=True)
    return {**os.environ, "LD_PRELOAD": str(library), "NO_LOCKS": str(answer)}
