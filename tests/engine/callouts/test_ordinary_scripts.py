"""What scripts ordinarily import and do works as ever behind the guards; chance and time follow the session."""

from __future__ import annotations

from pathlib import Path

from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE
from tests.builders.classifying import ran
from tests.builders.engines import UNKNOWN, Bench
from tests.builders.frames import received

ORDINARY = """
from __future__ import annotations
import collections, copy, dataclasses, enum, functools, ipaddress, itertools, json, logging, math, operator, os, random
import re, struct, string, sys, textwrap, time, types, typing, uuid, datetime, statistics, bisect, heapq, abc, hashlib
import contextlib, decimal, fractions, binascii, base64, zlib, array, io, pathlib, traceback, warnings, os.path
import collections.abc
from dataclasses import dataclass, field
from datetime import datetime as moment
from enum import IntFlag
from typing import NamedTuple
from engine.callouts import Callout, InjectionState, Action

keep = filter


@dataclass
class Seen:
    count: int = 0
    macs: dict[str, int] = field(default_factory=dict)
    when: "list[float]" = field(default_factory=list)


class Pair(NamedTuple):
    left: int
    right: int


class Flags(IntFlag):
    ONE = 1
    TWO = 2


class Base:
    def __setattr__(self, name, value):
        super().__setattr__(name, value)

    def __getattribute__(self, name):
        return object.__getattribute__(self, name)


class Inner(Base):
    __slots__ = ("x", "__private")

    def __init__(self):
        self.x = [1]
        self.__private = 3
        self.__private *= 2
        self.x *= 3
        self.x[0] *= 5
        self.x[0] **= 2
        self.x[1:2] *= 2

    def private(self):
        return self.__private


class Driver(Callout):
    def start(self, fwps, config):
        self.seen = Seen()
        self.chance = random.random(), random.Random(7).random(), random.choice("abc"), random.Random().random()

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        data = layer_data.first_net_buffer.data()
        self.seen.count += 1
        key = data[0:6].hex(":")
        self.seen.macs[key] = self.seen.macs.get(key, 0) + len(data) * 2
        assert struct.unpack("!H", data[12:14])[0] == data[12] << 8 | data[13]
        assert ", ".join(str(n) for n in range(3)) == "0, 1, 2" and "-".join(["a", "b"]) == "a-b"
        assert "%04x|%s|%-5s" % (255, "a", "b") == "00ff|a|b    " and f"{255:#06x} {1.5:>8.2f}" == "0x00ff     1.50"
        assert "{0:>4} {name!r:<6}|".format(1, name="x") == "   1 'x'   |" and "a,b".replace(",", ";") == "a;b"
        assert isinstance(range(3), range) and 2**47 in range(2**48) and len(range(2**40)) == 2**40
        assert list(itertools.islice(itertools.count(5), 3)) == [5, 6, 7]
        assert list(itertools.product("ab", repeat=2))[-1] == ("b", "b")
        assert list(map(int, "123")) == [1, 2, 3] and list(keep(None, [0, 1])) == [1]
        assert bytes(4) == b"\\0" * 4 and bytearray(b"x") + b"y" == bytearray(b"xy") and isinstance(b"", bytes)
        assert Inner().x == [25, 1, 1, 1] and Inner().private() == 6
        match data:
            case bytes():
                pass
            case _:
                raise AssertionError
        assert ipaddress.ip_address("10.0.0.1") in ipaddress.ip_network("10.0.0.0/8")
        assert json.loads(json.dumps({"a": [1]})) == {"a": [1]}
        assert re.sub(r"(\\d+)\\.", r"<\\1>", "1.2.") == "<1><2>"
        assert Pair(1, 2)._replace(left=3) == (3, 2) and Flags.ONE | Flags.TWO == 3
        assert math.factorial(5) == 120 and math.comb(5, 2) == 10 and math.prod([2, 3]) == 6
        assert operator.attrgetter("count")(self.seen) == self.seen.count and operator.mul(2, 3) == 6
        assert os.path.join("a", "b") and os.sep and sys.version_info and sys.maxsize
        assert time.time() >= 0 and time.monotonic_ns() >= 0 and moment.now() and datetime.date.today()
        assert uuid.uuid4().version == 4 and uuid.UUID(int=1) and uuid.uuid5(uuid.NAMESPACE_DNS, "a")
        assert (lambda *a, **k: (a, k))(1, b=2) == ((1,), {"b": 2}) and locals()["key"] == key and "Seen" in globals()
        assert hash(key) is not None and id(key) and vars(self)["seen"] is self.seen
        total = 0
        for i in range(100):
            total += i * 2 % 7
            if i % 2:
                continue
        x = y = total
        x <<= 2; y %= 5; x -= 1
        s = {"n": 1}
        s["n"] += len(data); s["n"] *= 2
        with contextlib.suppress(KeyError):
            s["none"]
        logging.getLogger("driver").debug("seen %s", key)
        self.told = f"{self.chance}{uuid.uuid4()}{time.time_ns()}{x}{y}"
        raise ValueError(self.told) from None
"""


def test_a_script_that_changes_its_config_changes_its_own_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.script("""
        from engine.callouts import Callout

        class Driver(Callout):
            def start(self, fwps, config):
                assert config == {"seen": []}
                config["seen"].append(1)
    """)
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, config={"seen": []})

    assert bench.run(received()).failures == bench.run(received()).failures == []


def test_ordinary_imports_and_idioms_work_and_chance_and_time_follow_the_session(tmp_path: Path) -> None:
    first, second = ran(tmp_path, ORDINARY), ran(tmp_path, ORDINARY)

    assert all(error.startswith("ValueError: (0.") for error in first.failures), first.failures
    assert first.lines == second.lines
    bench = Bench(tmp_path)
    bench.calls("calls", INBOUND_MAC_FRAME_NATIVE, action=UNKNOWN)
    other = bench.run(received(1), received(2), seed=2)
    assert other.failures != first.failures
