"""Where garbage is collected."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

from engine.wfp.document import set_enabled
from gui.session_bridge.garbage import collect_in_gui_thread
from tests.gui.conftest import BLOCK_ARP


class Knot:
    """A cycle that only the collector unties; it remembers the thread that did."""

    def __init__(self, untied):
        self.me = self
        weakref.finalize(self, lambda: untied.append(threading.current_thread()))


def test_a_busy_worker_never_collects_and_qts_thread_does(qtbot):
    untied = []
    collect_in_gui_thread()
    collect_in_gui_thread()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: [Knot(untied) for _ in range(5 * gc.get_threshold()[0])]).result()
        by_worker = list(untied)
    qtbot.waitUntil(lambda: bool(untied))

    assert (by_worker, set(untied)) == ([], {threading.main_thread()})


def test_what_has_been_looked_at_is_looked_at_again_only_for_another_session(bridge, settle):
    gc.collect()
    gc.freeze()
    frozen = gc.get_freeze_count()
    bridge.restart()
    settle(bridge)

    assert gc.get_freeze_count() < frozen


def test_a_closed_bridge_leaves_no_edit_for_the_collector_to_free_before_the_stack(bridge):
    bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Disable it")
    bridge.frame_notes.toggle_marked([1])
    before = bridge.undo_stack.count()
    bridge.close()

    assert (before, bridge.undo_stack.count()) == (2, 0)
