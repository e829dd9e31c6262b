"""Makes the captures of resources/samples/: invented traffic of a lab, the same bytes every time.

Run it from the top of a checkout: `python resources/make_samples.py`.
"""

from __future__ import annotations

from pathlib import Path
from struct import pack

from engine.frames.frame import Direction, DirectionFrom, Frame, Interface, MacAddress
from engine.frames.write import write_pcapng

HOST = bytes.fromhex("020000000c07")
GATEWAY = bytes.fromhex("020000000001")
GUEST = bytes.fromhex("020000000b31")
PRINTER = bytes.fromhex("020000000b44")
BROADCAST = b"\xff" * 6
ADDRESSES = {HOST: 7, GATEWAY: 1, GUEST: 31, PRINTER: 44}
ETHERNET0 = Interface(id=0, name="Ethernet0", mac=MacAddress(HOST), link_type=1, description="lab uplink")
ETHERNET1 = Interface(id=1, name="Ethernet1", mac=MacAddress(HOST), link_type=1, index=2, description="second card")
IN, OUT = Direction.INBOUND, Direction.OUTBOUND
START_NS = 1_700_000_000_000_000_000


def checksum(data: bytes) -> int:
    total = sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip(mac: bytes) -> bytes:
    return bytes([192, 0, 2, ADDRESSES.get(mac, 255)])


def ethernet(destination: bytes, source: bytes, type_: int, payload: bytes, *, tag: int | None = None) -> bytes:
    header = destination + source + (pack("!HH", 0x8100, tag) if tag is not None else b"") + pack("!H", type_)
    return (header + payload).ljust(60, b"\0")


def arp(source: bytes, target: bytes, operation: int = 1) -> bytes:
    asked = b"\0" * 6 if operation == 1 else target
    body = pack("!HHBBH", 1, 0x0800, 6, 4, operation) + source + ip(source) + asked + ip(target)
    return ethernet(BROADCAST if operation == 1 else target, source, 0x0806, body)


def udp(destination: bytes, source: bytes, size: int, port: int = 53, *, tag: int | None = None) -> bytes:
    """A frame of IPv4 and UDP with `size` bytes of payload."""
    body = pack("!HHHH", 49152 + size % 1000, port, 8 + size, 0) + bytes(i % 251 for i in range(size))
    header = pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), size, 0x4000, 64, 17, 0, ip(source), ip(destination))
    header = header[:10] + pack("!H", checksum(header)) + header[12:]
    return ethernet(destination, source, 0x0800, header + body, tag=tag)


def ipv6(destination: bytes, source: bytes, size: int) -> bytes:
    body = pack("!BBHI", 136, 0, 0, 0x60000000) + bytes(size)
    header = pack("!IHBB", 6 << 28, len(body), 58, 255)
    return ethernet(destination, source, 0x86DD, header + bytes.fromhex("fe80000000000000") + source.rjust(8, b"\0")
                    + bytes.fromhex("fe80000000000000") + destination.rjust(8, b"\0") + body)


def lldp(source: bytes) -> bytes:
    def tlv(kind: int, value: bytes) -> bytes:
        return pack("!H", kind << 9 | len(value)) + value

    body = tlv(1, b"\x04" + source) + tlv(2, b"\x05port 7") + tlv(3, pack("!H", 120)) + tlv(5, b"lab-switch")
    body += tlv(0, b"")
    return ethernet(bytes.fromhex("0180c200000e"), source, 0x88CC, body)


def spanning_tree(source: bytes) -> bytes:
    body = bytes.fromhex("4242030000000000800102000000000100000000800102000000000180070000140002000f00")
    return ethernet(bytes.fromhex("0180c2000000"), source, len(body), body)


def write(folder: Path, rows: list[tuple[int, Direction, bytes, str]], second: tuple[int, ...] = ()) -> None:
    """`rows` hold microseconds since the frame before, direction, bytes and a comment (empty: none).

    `second` are the numbers of the frames on the second interface.
    """
    frames: list[Frame] = []
    time_ns = START_NS
    for number, (gap_us, direction, data, comment) in enumerate(rows, 1):
        time_ns += gap_us * 1000
        frames.append(Frame(number=number, time_ns=time_ns, data=data, length_bytes=len(data),
                            interface=ETHERNET1 if number in second else ETHERNET0,
                            direction=direction, direction_from=DirectionFrom.EPB_FLAGS,
                            comments=(comment,) if comment else ()))
    folder.mkdir(exist_ok=True)
    with (folder / "capture.pcapng").open("wb") as file:
        write_pcapng(file, frames)


def gateway() -> list[tuple[int, Direction, bytes, str]]:
    rows = [
        (0, IN, arp(GUEST, HOST), "a guest asks for this host"),
        (418, OUT, arp(HOST, PRINTER, 2), ""),
        (1633, IN, lldp(GATEWAY), ""),
        (2919, OUT, udp(GATEWAY, HOST, 56), "first frame that the gateway rewrite takes"),
        (342, IN, udp(HOST, GATEWAY, 56), ""),
        (2421, IN, ipv6(HOST, GUEST, 16), ""),
        (373, IN, udp(HOST, GUEST, 1472), ""),
        (1736, IN, udp(HOST, PRINTER, 77), ""),
        (177, OUT, udp(GUEST, HOST, 32, tag=20), "on VLAN 20, priority 0: quarantined"),
        (358, OUT, udp(GATEWAY, HOST, 300, tag=30), ""),
        (826, OUT, udp(GATEWAY, HOST, 24), ""),
        (1447, OUT, udp(GATEWAY, HOST, 56, tag=0x6014), "VLAN 20 too, but PCP 3: VLAN_ID is the whole tag"),
        (331, OUT, arp(HOST, GUEST), ""),
        (461, IN, spanning_tree(PRINTER), ""),
    ]
    for turn in range(12):
        rows += [
            (1674 + turn, OUT, udp(GATEWAY, HOST, 1472 - 40 * turn, 443), ""),
            (902, IN, udp(HOST, GATEWAY, 120 + turn, 443), ""),
            (77, OUT, udp(PRINTER, HOST, 64 + turn, 9100), ""),
            (1313, IN, udp(HOST, GUEST, 40 + 3 * turn) if turn % 3 else arp(GUEST, HOST), ""),
        ]
    return rows


def plain() -> list[tuple[int, Direction, bytes, str]]:
    return [
        (0, IN, arp(GUEST, HOST), ""),
        (500, IN, udp(HOST, GATEWAY, 40), ""),
        (500, OUT, udp(GATEWAY, HOST, 40), ""),
        (500, OUT, arp(HOST, GATEWAY), ""),
        (500, IN, udp(HOST, GUEST, 90), ""),
        (500, IN, lldp(GATEWAY), ""),
    ]


def stream(count: int, direction: Direction) -> list[tuple[int, Direction, bytes, str]]:
    ends = (HOST, GATEWAY) if direction is IN else (GATEWAY, HOST)
    return [(2 if number else 0, direction, udp(*ends, 40 + 60 * number), "") for number in range(count)]


def main(samples: Path = Path(__file__).parent / "samples") -> None:
    write(samples / "absorb-clone-reinject", gateway())
    write(samples / "permit-and-block", plain())
    write(samples / "segmented-completion", stream(10, OUT))
    write(samples / "no-callout-outbound", stream(4, IN))
    write(samples / "two-drivers-in-a-loop", stream(2, IN))
    write(samples / "permit", [(0, IN, udp(HOST, GUEST, 40), ""), (500, OUT, udp(GUEST, HOST, 40), "")])
    write(samples / "block-or-absorb", [(0, IN, arp(GUEST, HOST), ""), (500, IN, ipv6(HOST, GUEST, 16), ""),
                                        (500, OUT, udp(GATEWAY, HOST, 40), "")])
    write(samples / "rewrite-inbound", [(0, IN, udp(HOST, GUEST, 40), ""), (500, IN, udp(HOST, GATEWAY, 40), "")])
    write(samples / "batch-runs", [(2, IN, udp(HOST, GATEWAY, 60, tag=tag), "") for tag in (10, 10, 20, 20)])
    write(samples / "batch-mixed-verdict", [(2, IN, udp(HOST, GUEST, 60, port), "") for port in (53, 23, 53)])
    write(samples / "injection-failures", [(500, OUT, udp(GATEWAY, HOST, size), "") for size in (40, 1472, 60, 80)])
    write(samples / "batch-and-clone", stream(1, IN) * 2)
    write(samples / "batch-neighbour", stream(2, IN))
    write(samples / "endless-reinspection", stream(2, OUT))
    write(samples / "leaked-clones", stream(2, IN))
    write(samples / "masked-by-a-neighbour", stream(2, IN))
    write(samples / "ip-header-first", [(0, IN, arp(GUEST, HOST), ""), (500, OUT, arp(HOST, GUEST, 2), ""),
                                         (500, IN, udp(HOST, PRINTER, 40), "")])
    write(samples / "callout-gone", [plain()[0], plain()[2], plain()[1]])
    write(samples / "inject-the-original", [(0, OUT, arp(HOST, GUEST), ""), (500, OUT, udp(GUEST, HOST, 40), "")])
    write(samples / "two-handles", stream(2, OUT))
    write(samples / "continue-or-permit", [(0, OUT, arp(HOST, GUEST), ""), (500, OUT, udp(GUEST, HOST, 40), "")])
    write(samples / "never-given-back", [(0, IN, arp(GUEST, HOST), ""), (500, IN, udp(HOST, GUEST, 200), "")])
    write(samples / "unload-with-a-queue", stream(3, OUT))
    write(samples / "out-of-band", [(0, OUT, udp(GATEWAY, HOST, 40), ""), (500, OUT, udp(GATEWAY, HOST, 400), "")])
    write(samples / "unload-by-the-book", stream(2, OUT))
    write(samples / "filters-come-and-go", [(500, OUT, udp(GATEWAY, HOST, 40 + size), "") for size in range(11)])
    write(samples / "adapter-goes-and-comes", [(500, OUT, udp(GATEWAY, HOST, 40 + size), "") for size in range(6)])
    misuses(samples)


def misuses(samples: Path) -> None:
    """The stories of 9.3 that teach a broken rule each."""
    one, telnet = [(0, OUT, udp(GATEWAY, HOST, 40), "")], [(2, IN, udp(HOST, GUEST, 60, port), "") for port in (53, 23)]
    for name in (
        "b09-success-is-not-zero", "b10-context-freed-too-early", "b11-only-the-head-freed", "b12-saved-pointer",
        "b13-double-free", "b14-wrong-free-function", "b15-freed-in-flight", "b16-read-after-inject",
        "b17-handle-without-l2", "b24-inspection-that-absorbs", "b25-soft-pend", "b26-arguments-that-die",
        "b33-edits-in-place", "b34-clone-not-put-back", "b35-handle-destroyed-in-completion",
        "b37-unload-with-injections", "b39-copy-without-its-tag",
    ):  # fmt: skip
        write(samples / name, one)
    write(samples / "b06-filter-gone-queue-full", stream(2, OUT))
    write(samples / "b07-anothers-filter-deleted", [(500, IN, udp(HOST, GUEST, size), "") for size in (40, 60)])
    write(samples / "b08-ignores-status", [(0, OUT, udp(GATEWAY, HOST, 1600), "")])
    write(samples / "b18-head-of-the-chain-only", [telnet[0], telnet[0], telnet[1], telnet[0]])
    write(samples / "b20-batch-and-reference", stream(3, IN))
    write(samples / "b22-xor-on-rights", [(0, OUT, udp(GATEWAY, HOST, 400), "")])
    write(samples / "b27-absorbed-and-forgotten", [(0, OUT, arp(HOST, GUEST), ""), (500, *one[0][1:])])
    write(samples / "b28-unlinks-from-the-chain", [telnet[0], telnet[1], telnet[0]])
    write(samples / "b29-two-net-buffers-inbound", stream(1, IN))
    write(samples / "b30-wrong-interface", [*one, (500, OUT, udp(GATEWAY, HOST, 60), "")], second=(2,))
    write(samples / "b32-retreat-not-undone", [(0, IN, arp(GUEST, HOST), ""), (500, IN, udp(HOST, GUEST, 40), "")])
    write(samples / "b36-inbound-layer-for-a-send", stream(1, IN))
    write(samples / "b40-dereferenced-twice", [(0, OUT, udp(GATEWAY, HOST, 400), "")])


if __name__ == "__main__":
    main()
