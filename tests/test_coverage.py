"""Every entry of the reference pages has a test that bears it."""

from __future__ import annotations

from tests.coverage import SECTIONS, TESTS, bearers, claimed, ids, main


def test_no_entry_is_without_a_test() -> None:
    assert [id_ for id_, names in bearers().items() if not names] == []


def test_a_name_or_a_docstring_claims_an_entry() -> None:
    assert claimed("test_ch_14_and_m36a_stand_in_t4\nI8, CH-07 and S1; not CHX-1 nor 3I4.") == {
        "CH-14", "M36a", "T4", "I8", "CH-07", "S1"}


def test_the_table_names_files_that_there_are() -> None:
    assert [file for files in SECTIONS.values() for file in files if not (TESTS / file).is_file()] == []


def test_the_table_is_printed_whole(capsys) -> None:
    main()
    printed = capsys.readouterr().out

    assert [id_ for group in ids().values() for id_ in group if f"\n  {id_} " not in printed] == []
