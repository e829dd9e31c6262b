"""Callouts that raise, never end, or cannot be loaded: the run goes on, or the policy is refused with its line."""

import pytest

from tests.contract.command import IN_ETHERNET, a_callout, calling, received
from tests.contract.test_callout_api import failures, one_callout

HEAD = """from engine.callouts import Callout

class Checks(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
"""


def body(text):
    return HEAD + "".join(f"        {line}\n" for line in text.splitlines())


RAISING = {
    "an error": "raise ValueError('odd\\nframe')",
    "after writing": "out.permit(hard=True)\nraise RuntimeError",
    "for ever": "while True:\n    pass",
    "for ever, patiently": "import itertools\nfor n in itertools.count():\n    pass",
    "deeper and deeper": "def deeper():\n    return deeper()\ndeeper()",
    "leaving": "raise SystemExit(7)",
    "no such member": "fwps.no_such_function()",
    "no such field": "values.NDIS_MEDIA_TYPE",
    "another module of the engine": "import engine.classify.engine",
    "ever more calls": "while True:\n    fwps.nt_success(0)",
    "in a comprehension": "import itertools\n[0 for n in itertools.count()]",
    "in a generator": "import itertools\nany(False for n in itertools.count())",
    "in a lambda": "f = lambda g: g(g)\nf(f)",
    "in a sibling of its own": "class Other:\n    def __iter__(self): return self\n    def __next__(self): return 1\n"
    "for n in Other():\n    continue",
    "catching everything": "while True:\n    try:\n        pass\n    except BaseException:\n        pass",
}


@pytest.mark.parametrize("name", RAISING)
def test_a_callout_that_fails_leaves_an_event_and_a_finding_and_its_out_untouched(desk, name):
    policy = one_callout(desk, body(RAISING[name]), IN_ETHERNET, "UNKNOWN")

    done = desk.run(desk.capture(received()), "--policy", policy, "--set", "callout_step_limit=5000")

    assert done.status == 1
    assert len(failures(done)) == 1
    assert [one["outcome"] for one in done.verdicts] == ["delivered"]
    assert done.verdicts[0]["layers"][1]["filter"] is None
    assert len(done.verdicts[0]["findings"]) == 1
    assert sum(done.summary["findings"].values()) == 1


def test_a_terminating_callout_that_fails_has_decided_nothing_which_blocks(desk):
    policy = one_callout(desk, body("raise ValueError"), IN_ETHERNET)

    done = desk.run(desk.capture(received(), received()), "--policy", policy)

    assert [one["outcome"] for one in done.verdicts] == ["blocked"] * 2
    assert len(failures(done)) == 2
    assert done.status == 1


def test_every_entry_of_a_driver_may_fail_and_the_run_goes_on(desk):
    entries = {
        "start": "    def start(self, fwps, config):\n        raise ValueError\n",
        "notify": "    def notify(self, fwps, notify_type, filter_key, filter):\n        raise ValueError\n",
        "stop": "    def stop(self, fwps):\n        while True:\n            pass\n",
        "work": "    def work(self, fwps):\n        raise ValueError\n",
    }
    for entry, text in entries.items():
        script = body("fwps.queue_work(self.work, fwps)\nout.permit()" if entry == "work" else "out.permit()") + text
        policy = one_callout(desk, script, IN_ETHERNET)
        done = desk.run(desk.capture(received()), "--policy", policy, "--set", "callout_step_limit=5000")

        assert (len(failures(done)), done.status) == (1, 1), entry
        assert [one["outcome"] for one in done.verdicts] == ["blocked" if entry == "start" else "delivered"], entry


def test_a_failing_completion_and_a_timer_that_sets_itself_for_ever_end(desk):
    script = """
from engine.callouts import Callout

class Checks(Callout):
    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        fwps.set_timer(1, self.again, fwps)

    def again(self, fwps):
        fwps.set_timer(1, self.again, fwps)

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state:
            out.permit()
            return
        fwps.retreat_net_buffer_data_start(layer_data.first_net_buffer, 14, 0, None)
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
        fwps.advance_net_buffer_data_start(layer_data.first_net_buffer, 14, False, None)
        fwps.inject_mac_receive_async(self.handle, None, 0, fwps.LAYER_INBOUND_MAC_FRAME_ETHERNET,
                                      values.INTERFACE_INDEX, values.NDIS_PORT, clone, self.completed, None)
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        raise ValueError("no")
"""
    done = desk.run(desk.capture(received()), "--policy", one_callout(desk, script, IN_ETHERNET))

    assert failures(done) == ["ValueError: no"]
    assert done.verdicts[0]["injections"][0]["outcome"] == "delivered"
    assert done.status == 1


def test_a_list_that_a_driver_bends_into_a_ring_ends_every_call_that_walks_it(desk):
    script = body("""nb = layer_data.first_net_buffer
nb.next, layer_data.next = nb, layer_data
assert fwps.retreat_net_buffer_list_data_start(layer_data, 14, 0, None, None) == fwps.STATUS_SUCCESS
fwps.advance_net_buffer_list_data_start(layer_data, 14, False, None)
status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
nb.next, layer_data.next = None, None
fwps.free_clone_net_buffer_list(clone, 0)
out.permit()""")

    done = desk.run(desk.capture(received()), "--policy", one_callout(desk, script, IN_ETHERNET))

    assert (failures(done), done.verdicts[0]["outcome"]) == ([], "delivered")


UNLOADABLE = {
    "syntax": ("from engine.callouts import Callout\n\nclass Checks(Callout:\n    pass\n", "line 3"),
    "raises": ("from engine.callouts import Callout\nx = 1\nraise ValueError('no')\n", "line 3"),
    "imports": ("from engine.callouts import Callout\nimport no_such_module\n", "line 2"),
    "reaches in": ("from engine.classify.engine import Engine\n", "line 1"),
    "endless": ("from engine.callouts import Callout\nwhile True:\n    pass\n", "line"),
    "leaves": ("from engine.callouts import Callout\nraise SystemExit(0)\n", "line 2"),
    "no class": ("from engine.callouts import Callout\n", "Checks"),
    "no callout": ("class Checks:\n    pass\n", "Checks"),
    "no class but a number": ("Checks = 3\n", "Checks"),
    "zero byte": ("x = 1\ny = '\0'\n", "line 2"),
    "indentation": ("class Checks:\npass\n", "line 2"),
    "tab": ("if 1:\n        x = 1\n\ty = 2\n", "line 3"),
    "unfinished": ("x = (\n", "line 1"),
    "byte of no text": ("x = 1\n\ny = '\udcff'\n", "line 3"),
    "empty": ("", "Checks"),
}


def test_a_script_that_cannot_be_loaded_is_an_error_of_the_policy_that_names_its_line(desk):
    capture = desk.capture(received())
    runs = []
    for name, (text, _) in UNLOADABLE.items():
        script = desk.script(text, f"{name}.py")
        callout = a_callout("c", 1, IN_ETHERNET, "Checks", script.name)
        policy = desk.policy(name=f"{name}.json", callouts=[callout], filters=[calling(callout)],
                             options={"callout_step_limit": 5000})  # fmt: skip
        runs.append(["run", capture, "--policy", policy])
    for (name, (_, place)), done in zip(UNLOADABLE.items(), desk.many(*runs), strict=True):
        assert_one_line(done, f"{name}.json", "$.callouts[0]", f"{name}.py" if place.startswith("line") else "", place)


def test_a_script_stays_in_the_folder_of_its_policy(desk):
    capture = desk.capture(received())
    inside = desk.folder / "inside"
    inside.mkdir()
    outside = desk.script(body("out.permit()"), "outside.py")
    desk.script(body("out.permit()"), "inside/fine.py")
    (inside / "link.py").symlink_to(outside)
    (inside / "folder.py").mkdir()
    (inside / "up").symlink_to(desk.folder)
    bad = ["../outside.py", str(outside), "link.py", "up/outside.py", "fine.py/../../outside.py", "missing.py",
           "folder.py", "", ".", "fine.py\0", "no/such/folder.py", "x" * 5000]  # fmt: skip
    good = ["fine.py", "./fine.py", "../inside/fine.py"]
    runs = []
    for number, path in enumerate([*bad, *good]):
        callout = a_callout("c", 1, IN_ETHERNET, "Checks", path)
        policy = desk.policy(name=f"inside/{number}.json", callouts=[callout], filters=[calling(callout)])
        runs.append(["run", capture, "--policy", policy, "--quiet"])
    done = desk.many(*runs)
    for number, path in enumerate(bad):
        assert_one_line(done[number], f"{number}.json", "$.callouts[0].script"), path
    assert [one.status for one in done[len(bad) :][:2]] == [0, 0], done[len(bad) :]


def assert_one_line(done, *parts):
    """Exit status 2 and one line on standard error that has all these parts, no traceback, nothing on output."""
    assert done.status == 2, done
    assert done.out == "", done
    assert done.err.endswith("\n"), done
    assert done.err.count("\n") == 1, done
    assert "Traceback" not in done.err
    assert done.err.isprintable() or done.err[:-1].isprintable(), done
    assert [part for part in parts if part not in done.err] == [], done.err
