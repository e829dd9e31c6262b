"""How much memory this process has taken for its data."""

from __future__ import annotations

import os
import sys

_STATM = "/proc/self/statm"
_DATA = 5
"""Place of the size of data and stack in it, in pages."""

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS_EX of psapi.h."""

        _fields_ = (
            ("cb", wintypes.DWORD), ("PageFaultCount", wintypes.DWORD),
            *((name, ctypes.c_size_t) for name in (
                "PeakWorkingSetSize", "WorkingSetSize", "QuotaPeakPagedPoolUsage", "QuotaPagedPoolUsage",
                "QuotaPeakNonPagedPoolUsage", "QuotaNonPagedPoolUsage", "PagefileUsage", "PeakPagefileUsage",
                "PrivateUsage")),
        )

    _ask = ctypes.windll.kernel32.K32GetProcessMemoryInfo
    _ask.argtypes = (wintypes.HANDLE, ctypes.POINTER(_Counters), wintypes.DWORD)
    _this_process = ctypes.windll.kernel32.GetCurrentProcess
    _this_process.restype = wintypes.HANDLE

    def data_bytes() -> int:
        """Memory that is this process's own; 0 where the system does not tell."""
        counters = _Counters(cb=ctypes.sizeof(_Counters))
        told = _ask(_this_process(), ctypes.byref(counters), counters.cb)
        return int(counters.PrivateUsage) if told else 0

elif sys.platform == "darwin":
    import resource

    def data_bytes() -> int:
        """The most that this process has ever had in memory: Python can ask the system for nothing else."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

else:

    def data_bytes() -> int:
        """Memory that the process has for its data; 0 where the system does not tell it in a file."""
        try:
            file = os.open(_STATM, os.O_RDONLY)
        except OSError:
            return 0
        try:
            return int(os.read(file, 128).split()[_DATA]) * os.sysconf("SC_PAGE_SIZE")
        finally:
            os.close(file)
