"""Modules that a callout script may not import, each with the reason that it is told."""

from __future__ import annotations

_THREADS = "a callout has no threads of its own: use fwps.queue_work or fwps.set_timer"
_PROCESSES = "a callout starts no processes"
_MEMORY = "it reaches past Python into the memory of this program"
_INTERPRETER = "it reaches into the interpreter that runs the engine"
_CODE = "it runs code that nothing bounds"
_NETWORK = "a callout reaches the network through its NET_BUFFER_LISTs alone"
_WAITS = "it waits for somebody at the keyboard or the screen"
_COLLECTED = "it tells when objects are collected, which differs from run to run"
_CHANCE = "it differs from run to run; `random` here follows the session's seed"
_WINDOW = "the window belongs to the program"

_BY_REASON = {
    _THREADS: "threading _thread _threading_local concurrent multiprocessing _multiprocessing asyncio _asyncio queue "
              "_queue sched selectors select contextvars",
    _PROCESSES: "subprocess _posixsubprocess pty pipes posix nt _winapi",
    _MEMORY: "ctypes _ctypes cffi _cffi_backend mmap _testcapi _testinternalcapi",
    _INTERPRETER: "gc inspect importlib imp builtins atexit signal _signal resource fcntl termios tty faulthandler "
                  "tracemalloc _tracemalloc bdb pdb cProfile profile _lsprof trace dis symtable site sysconfig opcode "
                  "zipimport pkgutil pyclbr _imp rlcompleter __main__",
    _CODE: "code codeop runpy pickle _pickle cPickle pickletools shelve marshal dbm timeit doctest unittest ensurepip "
           "venv pip compileall py_compile",
    _NETWORK: "socket _socket ssl _ssl socketserver http ftplib smtplib imaplib poplib nntplib telnetlib xmlrpc "
              "wsgiref asyncore asynchat webbrowser cgi cgitb",
    _WAITS: "tkinter _tkinter turtle curses _curses readline getpass cmd fileinput",
    _COLLECTED: "weakref _weakref _weakrefset",
    _CHANCE: "secrets",
    _WINDOW: "PySide6 shiboken6 PyQt5 PyQt6 qasync pyqtgraph",
}
REFUSED = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
"""Reason by name of the module at the top."""


def refusal(name: str) -> str | None:
    """Why a script may not import this; None when it may."""
    top = name.partition(".")[0]
    if name in ("urllib.request", "urllib.error", "urllib.robotparser", "logging.handlers", "logging.config"):
        return _NETWORK
    return REFUSED.get(top)
