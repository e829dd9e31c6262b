"""Sources in words: the catalogue of rules names them by the short tags of the reference."""

from __future__ import annotations

import re

_WORDS = {
    "seed warning": "Microsoft, “Using Layer 2 Filtering”, its warning",
    "seed": "Microsoft, “Using Layer 2 Filtering”",
    "ddi:": "driver API reference,",
    "ddi pages": "driver API reference",
    "drv:": "driver documentation,",
    "w32:": "Win32 documentation,",
    "sdk-api:": "Win32 API reference,",
    "hdr:": "Windows SDK,",
    "smp:": "Windows driver samples,",
    "gh:": "GitHub,",
    "ebpf": "ebpf-for-windows",
    "windivert-eth": "WinDivert, its layer-2 branch",
    "fort-old": "Fort Firewall, its former layer-2 driver",
    "shaper": "win-shaper",
    "contracts 4": "the callout API",
    "CH-": "choice CH-",
}
_MICROSOFTS = ("seed", "ddi", "drv:", "w32:", "sdk-api:", "hdr:", "smp:")
_TAG = re.compile(r"(^|[;,] )(" + "|".join(map(re.escape, _WORDS)) + r")(?![\w-]*-)")
_SECTION = re.compile(r"(^|[;,] )section ([\d.]+)")


def source_words(source: str) -> str:
    """`seed; section 4, CH-32` as a reader who does not know the tags understands it."""
    told = _TAG.sub(lambda match: match[1].replace(",", ";") + _WORDS[match[2]], source)
    return _SECTION.sub(r"\1section \2 of the reference", told)


def is_documented(source: str) -> bool:
    """Microsoft's pages, headers or samples say so; otherwise it was seen in somebody's driver."""
    return any(match[2].startswith(_MICROSOFTS) for match in _TAG.finditer(source))
