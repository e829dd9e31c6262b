"""Two joined interfaces, where nothing else is: in a network namespace that was made for this."""

from __future__ import annotations

import os
import socket
import subprocess

NAMES = ("a0", "b0")


def new_wire() -> tuple[str, str] | None:
    """The names of both ends; None without the right to make them, and where other interfaces are: hands off those."""
    if {name for _, name in socket.if_nameindex()} - {"lo"} or os.geteuid() != 0:
        return None
    here, there = NAMES
    try:
        for command in (f"link add {here} type veth peer name {there}", f"link set {here} up", f"link set {there} up"):
            subprocess.run(["ip", *command.split()], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return NAMES
