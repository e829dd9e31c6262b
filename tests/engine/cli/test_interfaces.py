"""`l2scope interfaces`: a list, and whether the rights are there."""

import argparse
import json
import socket
import sys

import pytest

from engine.cli import interfaces
from engine.frames.devices import Device, missing_rights
from engine.frames.frame import MacAddress

DEVICES = [
    Device(name="lo", description="lo", mac=None, index=1, addresses=("127.0.0.1", "::1"), is_up=True),
    Device(
        name="eth0",
        description="Adapter",
        mac=MacAddress(bytes([2, 0, 0, 0, 0, 1])),
        index=2,
        addresses=(),
        is_up=False,
    ),
]


@pytest.fixture
def machine(monkeypatch):
    """A machine with two interfaces where only the rights differ."""

    def with_rights(missing):
        monkeypatch.setattr(interfaces, "devices", lambda: DEVICES)
        monkeypatch.setattr(interfaces, "missing_rights", lambda: missing)

    return with_rights


def run(*arguments):
    parser = argparse.ArgumentParser()
    interfaces.add_parser(parser.add_subparsers())
    args = parser.parse_args(["interfaces", *arguments])
    return args.run(args)


def test_the_list_is_a_table(machine, capsysbinary):
    machine(None)

    assert run() == 0

    assert capsysbinary.readouterr().out.decode().splitlines() == [
        "INDEX  NAME  MAC                STATE  ADDRESSES",
        "1      lo                       up     127.0.0.1 ::1",
        "2      eth0  02:00:00:00:00:01  down",
        "",
        "Frames can be captured.",
    ]


def test_missing_rights_say_what_to_do(machine, capsysbinary):
    machine(("no right to capture", "start as root"))

    run()

    assert capsysbinary.readouterr().out.decode().splitlines()[-1] == "no right to capture: start as root"


def test_json_has_the_same(machine, capsysbinary):
    machine(("no right to capture", "start as root"))

    assert run("--json") == 0

    assert json.loads(capsysbinary.readouterr().out) == {
        "can_capture": False,
        "reason": "no right to capture",
        "remedy": "start as root",
        "interfaces": [
            {"name": "lo", "description": "lo", "index": 1, "mac": None, "addresses": ["127.0.0.1", "::1"], "up": True},
            {
                "name": "eth0",
                "description": "Adapter",
                "index": 2,
                "mac": "02:00:00:00:00:01",
                "addresses": [],
                "up": False,
            },
        ],
    }


def test_the_rights_are_really_tried(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(socket, "socket", refuse)

    missing = missing_rights()

    assert missing is not None
    assert missing[0] == "no right to capture"
    assert missing[1].startswith("run sudo setcap cap_net_raw,cap_net_admin+eip /")
