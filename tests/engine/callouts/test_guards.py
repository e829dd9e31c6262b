"""Scripts that would loop in C code, hoard, or reach out of themselves are stopped, and the next frame goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import PolicyError
from engine.trace import events as ev
from tests.builders.classifying import ran, script

ENDLESS_IN_C = {
    "a sum of a count": "import itertools\nsum(itertools.count())",
    "a list of a sentinel": "list(iter(int, 1))",
    "the maximum of a wide range": "max(range(10**12))",
    "a search in a cycle": "import itertools\n'x' in itertools.cycle('ab')",
    "a repeat": "import itertools\nlist(itertools.repeat(1))",
    "a repeat by hand": "from itertools import repeat as r\ntuple(r(1, 10**12))",
    "any of a cycle": "import itertools\nany(itertools.cycle([0]))",
    "a product": "import itertools\nsum(1 in one for one in itertools.product(range(99), repeat=9))",
    "the last of a product": "import itertools, collections\n"
    "collections.deque(itertools.product(range(99), repeat=9), 0)",
    "a list that grows while it is mapped": "one = [1]\nany(map(one.append, one))",
    "a filter over a repeat": "import itertools\nnext(itertools.filterfalse(None, itertools.repeat(1)))",
    "a zip of counts": "import itertools\nlist(zip(itertools.count(), itertools.count()))",
    "a set of a chain": "import itertools\nset(itertools.chain(itertools.count()))",
    "a counter": "import collections, itertools\ncollections.Counter(itertools.cycle('ab'))",
    "a reversed wide range": "max(reversed(range(10**12)))",
    "a slice of a wide range": "sum(range(10**12)[::2])",
    "an islice": "import itertools\nsum(itertools.islice(itertools.count(), 10**12))",
    "a merge": "import heapq, itertools\nlist(heapq.merge(itertools.count(), itertools.count()))",
    "a join of a repeat": "import itertools\n''.join(itertools.repeat('a'))",
    "an extend": "import itertools\n[].extend(itertools.count())",
    "unpacking": "import itertools\nfirst, *rest = itertools.count()",
    "arguments": "import itertools\nprint(*itertools.count())",
    "yield from": "import itertools\ndef g():\n    yield from itertools.count()\nsum(g())",
    "itertools behind another module": "import heapq, random\nsum(__import__('itertools').count())",
    "a sentinel by the name of iter": "f = iter\nsum(f(int, 1))",
}


@pytest.mark.parametrize("body", ENDLESS_IN_C.values(), ids=ENDLESS_IN_C.keys())
def test_an_endless_loop_in_c_code_ends_and_the_frame_goes_on(body: str, tmp_path: Path) -> None:
    run = ran(tmp_path, script(body))

    assert run.failures == ["more than 20000 loop turns and calls in one classify (callout_step_limit)"] * 2
    assert run.rules == ["X01", "X01"]
    assert run.outcomes == {1: "delivered", 2: "delivered"}


TOO_LARGE = {
    "a power": "10**10**8",
    "a power of a name": "n = 10\nn **= 10**8",
    "pow": "pow(7, 10**9)",
    "a modular power": "pow(3, 1 << 100000, (1 << 100000) - 1)",
    "a text": "'a' * 10**8",
    "a list": "[0] * 10**7",
    "a list from the other side": "10**7 * [0]",
    "a text in place": "s = 'ab'\ns *= 10**8",
    "an attribute in place": "self.s = 'ab'\nself.s *= 10**8",
    "an item in place": "s = {1: 'ab'}\ns[1] *= 10**8",
    "zeros": "bytearray(10**8)",
    "zeros that cannot change": "bytes(10**8)",
    "a shift": "1 << 10**8",
    "a shift in place": "n = 1\nn <<= 10**8",
    "a text that doubles": "s = 'a'\nfor _ in range(50):\n    s += s",
    "a sum that doubles": "s = [1]\nfor _ in range(50):\n    s = s + s",
    "a join": "''.join(['a' * 10**6] * 10**4)",
    "a join of one wide text": "(chr(0x4e00) * 10**5).join(['a'] * 10**4)",
    "a replace": "('a' * 10**5).replace('a', 'b' * 10**6)",
    "a replace of nothing": "('a' * 10**5).replace('', 'b' * 10**6)",
    "tabs": "('\\t' * 10**5).expandtabs(10**7)",
    "a width": "'a'.ljust(10**8)",
    "zeros before a number": "'1'.zfill(10**8)",
    "a percent format": "'%100000000d' % 1",
    "a percent format by argument": "'%*d' % (10**8, 1)",
    "a format": "'{:100000000}'.format(1)",
    "a format within a format": "'{:{}}'.format(1, 10**8)",
    "an f-string": "f'{1:100000000}'",
    "an f-string by name": "w = 10**8\nf'{1:{w}}'",
    "the function format": "format(1, '100000000')",
    "bytes of a number": "(1).to_bytes(10**8, 'big')",
    "a factorial": "import math\nmath.factorial(10**7)",
    "combinations": "import math\nmath.comb(10**9, 10**8)",
    "a product of numbers": "import math\nmath.prod([1 << 100000] * 10000)",
    "operator.mul": "import operator\noperator.mul('a', 10**8)",
    "operator.pow": "from operator import pow as p\np(10, 10**9)",
    "a bound method": "f = 'a'.__mul__\nf(10**8)",
    "a method of the type": "str.__mul__('a', 10**8)",
    "a method by getattr": "getattr('a', 'ljust')(10**8)",
    "a fraction": "from fractions import Fraction\nFraction(10) ** 10**9",
    "a subclass": "class S(str):\n    pass\nS('a') * 10**8",
    "a class that says it is short": "class S(list):\n    def __len__(self):\n        return 0\nS([1]) * 10**7",
}


@pytest.mark.parametrize("body", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_what_would_be_too_large_is_not_made(body: str, tmp_path: Path) -> None:
    run = ran(tmp_path, script(body), callout_memory_limit_mb=64, callout_step_limit=10**6)

    assert [error.partition(":")[0] in ("MemoryError", "OverflowError") for error in run.failures] == [True, True]
    assert not [error for error in run.failures if "report" in error]  # it is the script's, not ours
    assert run.outcomes == {1: "delivered", 2: "delivered"}


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a*)*$", "(a|a)*$", "(a|aa)+$", "(\\w+\\s?)*$", "((a{1,99})*b)*c"])
def test_a_pattern_that_may_match_for_ever_is_refused(pattern: str, tmp_path: Path) -> None:
    run = ran(tmp_path, script(f"import re\nre.match(r'{pattern}', 'a' * 40)"), count=1)

    assert run.failures[0].startswith("ValueError: a repeat within a repeat may take for ever")


@pytest.mark.parametrize("pattern", [
    "^[0-9a-f]{2}(:[0-9a-f]{2}){5}$", r"(\d+\.)+\d+", "(?:a++b)*", r"(\w+,)*\w*", ".*x.*", "(GET|POST) .*", "[",
    "(ab?)*",
])
def test_an_ordinary_pattern_is_left_to_re(pattern: str, tmp_path: Path) -> None:
    body = f"import re\ntry:\n    re.compile(r'{pattern}')\nexcept re.error:\n    pass"
    assert ran(tmp_path, script(body), count=1).failures == []


REACHING = {
    "import threading": "ImportError: a callout script cannot import threading: a callout has no threads of its own",
    "import _thread": "ImportError: a callout script cannot import _thread: a callout has no threads",
    "import concurrent.futures": "ImportError: a callout script cannot import concurrent.futures",
    "from multiprocessing import Pool": "ImportError: a callout script cannot import multiprocessing",
    "import asyncio": "ImportError: a callout script cannot import asyncio",
    "import signal": "ImportError: a callout script cannot import signal: it reaches into the interpreter",
    "import ctypes": "ImportError: a callout script cannot import ctypes: it reaches past Python into the memory",
    "import gc": "ImportError: a callout script cannot import gc",
    "import subprocess": "ImportError: a callout script cannot import subprocess: a callout starts no processes",
    "import socket": "ImportError: a callout script cannot import socket: a callout reaches the network through",
    "import urllib.request": "ImportError: a callout script cannot import urllib.request",
    "from urllib import request": "ImportError: a callout script cannot import urllib.request",
    "import pickle": "ImportError: a callout script cannot import pickle: it runs code",
    "import secrets": "ImportError: a callout script cannot import secrets: it differs from run to run",
    "import PySide6": "ImportError: a callout script cannot import PySide6: the window belongs to the program",
    "import os\nos._exit(3)": "AttributeError: os has no _exit here: it acts on this whole program",
    "import os\nos.fork()": "AttributeError: os has no fork here",
    "import os\nos.system('true')": "AttributeError: os has no system here",
    "import glob\nglob.os.abort()": "AttributeError: os has no abort here",
    "import sys\nsys.settrace(None)": "AttributeError: sys has no settrace here",
    "import sys\nsys.setrecursionlimit(10**9)": "AttributeError: sys has no setrecursionlimit here",
    "import sys\nsys.modules": "AttributeError: sys has no modules here",
    "import time\ntime.sleep(9)": "AttributeError: time has no sleep here: a callout neither waits",
    "import random\nrandom.SystemRandom()": "AttributeError: random has no SystemRandom here",
    "import logging\nlogging.threading": "ImportError: a callout script cannot use threading",
    "input()": "RuntimeError: input is not for callout scripts: nobody sits at a driver's keyboard",
    "exec('while True: pass')": "RuntimeError: exec is not for callout scripts: it runs code that nothing bounds",
    "eval('1')": "RuntimeError: eval is not for callout scripts",
    "compile('1', '', 'eval')": "RuntimeError: compile is not for callout scripts",
    "breakpoint()": "RuntimeError: breakpoint is not for callout scripts",
    "open(0)": "RuntimeError: open of a file descriptor is not for callout scripts",
    "open('/dev/zero', 'rb')": "RuntimeError: zero is no file: reading it may take for ever",
    "fwps._kernel": "AttributeError: Fwps._kernel is the engine's own",
    "layer_data._object": "AttributeError: NetBufferListView._object is the engine's own",
    "getattr(fwps, '_kernel')": "AttributeError: Fwps._kernel is the engine's own",
    "getattr(fwps, '_kernel', None).host": "AttributeError: Fwps._kernel is the engine's own",
    "object.__getattribute__(fwps, '_kernel')": "AttributeError: Fwps._kernel is the engine's own",
    "type(fwps)._kernel.__get__(fwps)": "AttributeError: Fwps._kernel is the engine's own",
    "object.__setattr__(fwps, '_kernel', None)": "AttributeError: Fwps._kernel cannot be written",
    "type(fwps).free_mdl = None": "AttributeError: class Fwps cannot be changed by a callout script",
    "setattr(type(fwps), 'free_mdl', None)": "AttributeError: class Fwps cannot be changed",
    "del type(out).absorb": "AttributeError: class ClassifyOut cannot be changed",
    "type.__setattr__(type(fwps), 'free_mdl', None)": "AttributeError: class Fwps cannot be changed",
    "Callout.classify = None": "AttributeError: class Callout cannot be changed",
    "Callout.x = 1": "AttributeError: class Callout cannot be changed",
    "import json\njson.loads = None": "AttributeError: module json cannot be changed",
    "import json\njson.__dict__['loads'] = None": "AttributeError: the __dict__ of a module is not for callout scripts",
    "import json\nvars(json)['loads'] = None": "AttributeError: the __dict__ of a module is not for callout scripts",
    "globals()['__l2scope_step__'] = lambda: True": "TypeError: 'mappingproxy' object does not support item assignment",
    "getattr(fwps.free_mdl, '__globals__')": "AttributeError: __globals__ is not for callout scripts",
    "import operator\noperator.attrgetter('free_mdl.__globals__')": "AttributeError: __globals__ is not for callout",
    "import operator\noperator.attrgetter('_kernel')": "AttributeError: _kernel: a name for operator.attrgetter here",
}


@pytest.mark.parametrize("body", REACHING)
def test_what_leads_out_of_the_script_is_refused_in_one_line(body: str, tmp_path: Path) -> None:
    run = ran(tmp_path, script(body))

    assert [error.startswith(REACHING[body]) for error in run.failures] == [True, True], run.failures
    assert not [error for error in run.failures if "report" in error]
    assert run.rules == ["X01", "X01"]
    assert run.one(ev.SessionBegan)


REFUSED_AT_LOAD = {
    "fwps.free_mdl.__func__": "__func__ is not for callout scripts",
    "fwps.free_mdl.__globals__": "__globals__ is not for callout scripts",
    "().__class__.__base__.__subclasses__()": "__subclasses__ is not for callout scripts",
    "(_ for _ in ()).gi_frame.f_back": "is not for callout scripts: it leads out of them",
    "__builtins__": "__builtins__ is not for callout scripts",
    "__l2scope_step__ = lambda: True": "__l2scope_step__ is not for callout scripts",
    "try:\n    pass\nexcept ValueError as __l2scope_step__:\n    pass": "__l2scope_step__ is not for callout scripts",
    "import math as __l2scope_step__": "__l2scope_step__ is not for callout scripts",
    "def f(__l2scope_step__):\n    pass": "__l2scope_step__ is not for callout scripts",
    "global __l2scope_step__": "__l2scope_step__ is not for callout scripts",
    "match 1:\n    case __l2scope_step__:\n        pass": "__l2scope_step__ is not for callout scripts",
    "class A:\n    def __del__(self):\n        pass": "__del__ runs at moments that differ from run to run",
    "f.__code__ = None": "__code__ is not for callout scripts",
}


@pytest.mark.parametrize("body", REFUSED_AT_LOAD)
def test_what_no_script_may_name_is_an_error_of_the_policy_with_its_line(body: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"driver\.py line \d+: ") as caught:
        ran(tmp_path, script(f"x = 1\n{body}"))

    assert REFUSED_AT_LOAD[body] in str(caught.value)
