"""What a process may not do: the tests may run as root, who may write to read-only directories."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_CAPABILITIES_VERSION_3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2


def run_powerless(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process for which permissions count even if we are root."""
    prologue = "from tests.store.powerless import obey_permissions\nobey_permissions()\n"
    return subprocess.run(
        [sys.executable, "-c", prologue + code, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def obey_permissions() -> None:
    """Give up root's right to pass over permissions; for anybody else there is nothing to give up."""
    if os.geteuid() != 0:
        return
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice, for the capabilities above 31
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.capget(header, sets) == 0, os.strerror(ctypes.get_errno())
    for which in (0, 1):
        sets[which] &= ~(1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH)
    assert libc.capset(header, sets) == 0, os.strerror(ctypes.get_errno())
