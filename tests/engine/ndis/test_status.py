"""NTSTATUS is read as a signed number by its two severity bits. Source: 3.7, S14."""

import pytest

from engine.ndis.status import Status, nt_success, status_class, status_name, status_text


@pytest.mark.parametrize(
    ("status", "success", "kind"),
    [
        (0, True, "success"),
        (0x103, True, "success"),
        (0x3FFFFFFF, True, "success"),
        (0x40000000, True, "informational"),
        (0x7FFFFFFF, True, "informational"),
        (0x80000005, False, "warning"),
        (0xBFFFFFFF, False, "warning"),
        (0xC0000001, False, "error"),
        (0xFFFFFFFF, False, "error"),
        (-1073741823, False, "error"),
    ],
)
def test_success_and_class_follow_the_severity_bits(status: int, success: bool, kind: str) -> None:
    assert (nt_success(status), status_class(status)) == (success, kind)


def test_a_status_is_shown_by_value_and_name() -> None:
    assert status_text(Status.STATUS_INVALID_BUFFER_SIZE) == "0xC0000206 STATUS_INVALID_BUFFER_SIZE"
    assert (status_name(0xC0DEC0DE), status_text(0xC0DEC0DE)) == ("0xC0DEC0DE", "0xC0DEC0DE")
