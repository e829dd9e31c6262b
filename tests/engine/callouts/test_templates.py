"""The callouts that the program ships keep every rule, whatever happens to them. Source: 9.3, C01 to C20."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from engine.wfp.layers import LAYERS, Layer
from gui.models.scripts.templates import Template
from tests.builders.engines import run
from tests.builders.templates import BY_ID, document_of, mixed

COMPLETIONS = ("single", "each", "random_segments", "reverse_each")
FAULTS = {
    "FwpsAllocateCloneNetBufferList0": "0xC000009A",
    "FwpsAllocateNetBufferAndNetBufferList0": "0xC000009A",
    "FwpsInjectMacSendAsync0": "0xC0220100",
    "FwpsInjectMacReceiveAsync0": "0xC0220100",
    "NdisRetreatNetBufferDataStart": "0xC000009A",
    "completion": "0xC0000206",
}
PLACES = [(id_, layer) for id_, template in BY_ID.items() for layer in template.layers]
NOTED = {"C18": {"M36b"}}
"""A veto is legal, and always worth a note."""


def ways() -> list[tuple[str, int, list[dict[str, object]]]]:
    """Completion policy, frames per NDIS call, faults."""
    calm = [(policy, chain, []) for policy, chain in product(COMPLETIONS, (1, 8))]
    rough = [("random_segments", chain, [{"call": call, "share": share, "status": status}])
             for (chain, share), (call, status) in product(((1, 1.0), (8, 0.5)), FAULTS.items())]
    return calm + rough


@pytest.mark.parametrize(("id_", "layer"), PLACES, ids=lambda one: getattr(one, "short_name", one))
def test_a_shipped_callout_breaks_no_rule_leaks_nothing_and_stalls_nowhere(id_: str, layer: Layer, tmp_path: Path):
    document = document_of(tmp_path, BY_ID[id_], layer)
    frames = mixed(layer.direction == "inbound")
    for policy, chain, faults in ways():
        done = run(_with(document, faults), frames, completion_policy=policy, rx_chain=chain, tx_chain=chain)
        where = f"{policy}, chains of {chain}, {faults}"
        assert set(done.rules) - NOTED.get(id_, set()) == set(), where
        assert done.failures == [], where
        assert sorted(done.outcomes) == list(range(1, len(frames) + 1)), where
        assert "skipped" not in done.outcomes.values(), where  # as the frames of a stalled direction are


def happenings(template: Template) -> list[dict[str, object]]:
    """What else may happen while frames are under way."""
    driver = template.script.stem
    return [
        {"do": "delay_completion", "share": 0.5, "ns": 7_000_000},
        {"do": "reorder_completions", "share": 1},
        {"do": "restart_module", "module": "802.3", "frame": 5},
        {"do": "restart_module", "module": "native", "frame": 5},
        {"do": "delete_filter", "filter": template.title, "frame": 6},
        {"do": "remove_interface", "frame": 5},
        {"do": "unload_driver", "driver": driver, "frame": 6},
        {"do": "close_handle", "driver": driver, "frame": 6},
        {"do": "leave_s0", "frame": 6},
    ]


@pytest.mark.parametrize(("id_", "layer"), PLACES, ids=lambda one: getattr(one, "short_name", one))
@pytest.mark.parametrize("option", ["vlan_tag=oob", "batch_delivery=per_callout", "reenter_inline=on"])
def test_a_shipped_callout_keeps_the_rules_under_other_choices(option: str, id_: str, layer: Layer, tmp_path: Path):
    name, _, value = option.partition("=")
    frames = mixed(layer.direction == "inbound")
    done = run(document_of(tmp_path, BY_ID[id_], layer), frames, rx_chain=4, tx_chain=4, **{name: value})

    assert (set(done.rules) - NOTED.get(id_, set()), done.failures) == (set(), [])


@pytest.mark.parametrize(("id_", "layer"), PLACES, ids=lambda one: getattr(one, "short_name", one))
def test_a_shipped_callout_breaks_no_rule_when_things_come_and_go(id_: str, layer: Layer, tmp_path: Path):
    template = BY_ID[id_]
    document = document_of(tmp_path, template, layer)
    for rule in happenings(template):
        done = run(_with(document, [rule]), mixed(layer.direction == "inbound"))
        assert (set(done.rules) - NOTED.get(id_, set()), done.failures) == (set(), []), rule


def _with(document, faults):
    return replace(document, faults=tuple(faults))


@pytest.mark.parametrize("template", BY_ID.values(), ids=BY_ID)
def test_the_head_of_a_template_says_what_the_index_says(template: Template):
    head = ast.get_docstring(ast.parse(template.script.read_text(encoding="utf-8"))) or ""
    said = {line.split("  ")[0]: line.partition("  ")[2].strip() for line in head.splitlines() if "  " in line}

    assert head.startswith(f"{template.id} · ")
    if said["Layers"] == "all four":
        assert set(template.layers) == set(LAYERS)
    else:
        assert {layer.short_name for layer in template.layers} == set(re.findall(r"[A-Z_]{10,}", said["Layers"]))
    assert said["Filter action"] == template.action.name
    assert ("Callout flags" in said, "Anchor" in said) == (bool(template.flags), bool(template.anchors))
    assert all(re.search(rf"^(Config)? +{name}  ", head, re.MULTILINE) for name in template.config)
    assert (said["Config"] == "none") == (not template.config)


def test_every_script_of_the_folder_is_a_template_and_every_id_is_there():
    (folder,) = {template.script.parent for template in BY_ID.values()}

    assert sorted(folder.glob("*.py")) == sorted(template.script for template in BY_ID.values())
    assert list(BY_ID) == [f"C{number:02}" for number in range(1, 21)]
