"""Bytes as text to paste elsewhere."""

from collections.abc import Callable

BYTES_PER_LINE = 16


def as_hex(data: bytes) -> str:
    """`02 00 5e`, 16 bytes a line."""
    return "\n".join(line.hex(" ") for line in _lines(data))


def as_c_array(data: bytes) -> str:
    """An initialised array of C, 12 bytes a line."""
    rows = [data[i : i + 12] for i in range(0, len(data), 12)]
    body = ",\n".join("    " + ", ".join(f"0x{byte:02X}" for byte in row) for row in rows)
    return f"const unsigned char bytes[{len(data)}] = {{\n{body}\n}};" if data else "const unsigned char *bytes = 0;"


def as_dump(data: bytes, first: int = 0) -> str:
    """Offset, bytes and ASCII as the view shows them; `first` is the offset of `data[0]`."""
    return "\n".join(
        f"{first + i * BYTES_PER_LINE:04x}  {line.hex(' '):<47}  {printable(line)}"
        for i, line in enumerate(_lines(data))
    )


def printable(data: bytes) -> str:
    """One character for each byte, `.` where ASCII has none to show."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)


def _lines(data: bytes) -> list[bytes]:
    return [data[i : i + BYTES_PER_LINE] for i in range(0, len(data), BYTES_PER_LINE)]


COPIES: dict[str, Callable[[bytes], str]] = {
    "Copy as hex": as_hex,
    "Copy as C array": as_c_array,
    "Copy as text": as_dump,
}
