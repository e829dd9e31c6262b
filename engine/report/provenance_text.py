"""In words: where a byte comes from."""

from __future__ import annotations

from engine.trace.provenance import Origin


def origin_text(origin: Origin) -> str:
    """`set at rewrite.py:41 ← 12.1 is a clone of 12.0, made at rewrite.py:34`."""
    match origin.kind:
        case "captured":
            text = f"from the capture: frame {origin.frame}, byte {origin.place}"
        case "room":
            text = "room around the frame, that nobody has written"
        case "unwritten":
            text = f"room made at {origin.line}, that nobody has written"
        case "copied":
            text = f"copied from {origin.parent} at {origin.line}"
        case "engine":
            text = "put there by the engine"
        case "made":
            text = f"made by {origin.line}: memory that the script gave"
        case "written":
            text = f"set by {origin.line}"
    copies = [f"{one.nbl} is a clone of {one.parent}" + (f", made at {one.line}" if one.line else "")
              for one in origin.copies]
    return " ← ".join([text, *copies])
