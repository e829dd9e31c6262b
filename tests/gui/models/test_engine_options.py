"""The options page: rows of the engine's table, group by group."""

from dataclasses import fields, replace
from itertools import groupby

from engine.classify.options import EngineOptions
from engine.wfp.document import PolicyDocument
from gui.models.engine_options import option_error, option_rows, with_option


def test_each_option_is_a_row_and_each_group_stands_together():
    rows = option_rows(PolicyDocument())
    groups = [group for group, _ in groupby(rows, key=lambda row: row.group)]

    assert sorted(row.name for row in rows) == sorted(one.name for one in fields(EngineOptions))
    assert len(groups) == len(set(groups)) > 5
    assert groups[0] == "Policy and filters"


def test_what_cannot_be_chosen_is_fixed_and_says_why():
    fixed = {row.name: row.help for row in option_rows(PolicyDocument()) if row.is_fixed}

    assert set(fixed) == {
        "layer_ids", "fast_layers", "validation_order", "netsh_mac_element", "net_event_form", "chain_verdict",
        "completion_merge",
    }  # fmt: skip
    assert all(len(words) > 40 for words in fixed.values())


def test_an_option_at_its_default_stands_in_no_file():
    document = with_option(PolicyDocument(), "reenter_inline", "on")

    assert document.options == {"reenter_inline": "on"}
    assert with_option(document, "reenter_inline", "off").options == {}
    assert [row.name for row in option_rows(document) if row.is_changed] == ["reenter_inline"]
    assert option_error("hold_warning_ms", "0") != "" == option_error("hold_warning_ms", "5")
    assert [row.text for row in option_rows(replace(document, options={"batch_clone_status": 0xC0220035}))
            if row.is_changed] == ["0xC0220035"]
