"""The machine's interfaces, and whether frames may be captured on them."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import msgspec

from engine.frames.ethernet import parse_mac
from engine.frames.frame import MacAddress


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """An interface of this machine that frames can be captured on."""

    name: str
    description: str
    mac: MacAddress | None
    index: int
    addresses: tuple[str, ...]
    is_up: bool


def devices() -> list[Device]:
    """Return the interfaces by index; empty where the platform's capture library is missing."""
    import scapy.arch  # noqa: F401  # fills conf.ifaces
    from scapy.config import conf  # scapy takes long to load: nobody else waits for it

    conf.ifaces.reload()  # interfaces come and go while the program runs
    found = [
        Device(
            name=str(each.name),
            description=str(each.description),
            mac=parse_mac(each.mac or ""),
            index=int(each.index),
            addresses=tuple(address for family in sorted(each.ips) for address in each.ips[family]),
            is_up=bool(each.flags & 1),  # IFF_UP
        )
        for each in conf.ifaces.values()
    ]
    return sorted(found, key=lambda device: (device.index, device.name))


def missing_rights() -> tuple[str, str] | None:
    """Try to capture; return (what is missing, what to do), or None if nothing is."""
    return _CHECKS.get(sys.platform, _missing_on_bpf)()


def _missing_on_linux() -> tuple[str, str] | None:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except PermissionError:
        program = Path(sys.executable).resolve()
        return "no right to capture", f"run sudo setcap cap_net_raw,cap_net_admin+eip {program}, or start it as root"
    except OSError as error:
        return f"this system has no packet sockets ({error.strerror})", "capture elsewhere and open the file"
    return None


def _missing_on_windows() -> tuple[str, str] | None:
    import scapy.arch  # noqa: F401  # looks for Npcap
    from scapy.config import conf

    if not conf.use_pcap:
        return "Npcap is not installed", "install Npcap from npcap.com and start again"
    return None


def _missing_on_bpf() -> tuple[str, str] | None:
    for device in sorted(Path("/dev").glob("bpf*")):
        try:
            os.close(os.open(device, os.O_RDONLY))
        except PermissionError:
            return "no right to read /dev/bpf*", "install ChmodBPF (it comes with Wireshark), or start as root"
        except OSError:
            continue  # in use: the next one may be free
        return None
    return "there is no free /dev/bpf*", "close other capture programs"


_CHECKS = {"linux": _missing_on_linux, "win32": _missing_on_windows}
