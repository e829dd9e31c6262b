"""How the header of a frame is packed into three words: frames with the same words have the same field values.

The first word is destination | outer type << 48, the second source | first TCI << 48, the third the bits below.
Source: layers-and-filters 2.4, C5.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Words = np.ndarray[Any, np.dtype[np.uint64]]
Slots = np.ndarray[Any, np.dtype[np.int32]]
Times = np.ndarray[Any, np.dtype[np.int64]]
Lengths = np.ndarray[Any, np.dtype[np.uint32]]
Facts = np.ndarray[Any, np.dtype[np.int64]]

DIRECTION_BITS = 0x3
"""Of the third word: 1 inbound, 2 outbound, as the packet's own flags say; 0 where they do not."""
HAS_DESTINATION, HAS_SOURCE, HAS_TYPE, HAS_TAG = 0x4, 0x8, 0x10, 0x20
STEPS = 0x40
"""The frame is no plain Ethernet: only the stepping path knows what becomes of it."""
IS_SNAP = 0x80
"""The outer type stands in a SNAP header."""
TAGS_SHIFT, MOST_TAGS = 8, 3
"""Two bits: how many tags there are, 3 for more as well."""
TPID_SHIFT = 10
"""Two bits: which of TPIDS the first tag has."""
TPIDS = (0x8100, 0x88A8, 0x9100)
INTERFACE_SHIFT = 16
"""The interface's number stands above the bits."""

AT_END, ODD, FULL = 0, 1, 2
"""Why a kernel stopped: the chunk holds no further whole record; something is not plain; a table has no room."""
