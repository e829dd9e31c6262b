"""The ladder and the strips as the user touches them."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.ndis.snapshot import NblId
from engine.trace import events as ev
from engine.wfp.types import ActionType, FilterId
from gui.models.stack.ladder import Ladder, LadderPlan
from gui.models.stack.ladder_moment import Moment
from gui.models.stack.panes import Strip
from gui.theme import theme, theme_manager
from gui.views.stack.geometry import RowGeometry
from gui.views.stack.hints import filter_hint
from gui.views.stack.ladder import LadderView
from gui.views.stack.strip import TokenStrip
from gui.widgets.token import FrameToken
from tests.builders.stack_story import (
    CONTOSO_L2,
    IN_CALLOUT,
    IPV4,
    LAN,
    NO_ARP,
    QUARANTINE,
    REWRITE,
    a_filter,
    a_policy,
    a_trace,
    a_world,
    an_nbl,
    the_policy,
)

TOKEN = FrameToken(id="12.0", badge="N", note="in classify", current=True)
PLAN = LadderPlan.of(the_policy(), 57)
WIDTH, HEIGHT = 380, 240


@pytest.fixture
def ladder(qtbot):
    theme_manager()
    view = LadderView()
    qtbot.addWidget(view)
    view.resize(WIDTH, HEIGHT)
    view.show()
    return view


def the_ladder(records: int = IN_CALLOUT) -> Ladder:
    world = a_world(records)
    return Ladder.of(PLAN, world, Moment.of(world, 57, PLAN.policy, 12, "mac_rewrite.py:41", (TOKEN,)))


def a_long_ladder(tested: int, filters: int = 3000) -> Ladder:
    policy = a_policy(*(a_filter(n, f"filter {n}", ActionType.FWP_ACTION_BLOCK, weight=filters - n)
                        for n in range(1, filters + 1)))
    events = (ev.FrameEntered(12, "outbound", 7, 0, 98, 1, 0, {}, changed=(an_nbl("12.0"),)),
              ev.ClassifyBegan(57, (NblId("12.0"),), IPV4, {}), ev.SublayerEntered(CONTOSO_L2, rights=True),
              ev.FilterTested(FilterId(tested), (0,), 5, 0x0800))
    world = a_world(len(events), a_trace(events))
    return Ladder.of(LadderPlan.of(policy, 57), world, Moment.of(world, 57, policy, 12, "", ()))


def centre(view: LadderView, index: int) -> QPoint:
    return view.row_rect(index).center().toPoint()


def test_a_click_chooses_the_filter_and_a_sublayer_cannot_be_chosen(ladder, qtbot):
    ladder.show_ladder(the_ladder(0))
    chosen = []
    ladder.filter_chosen.connect(chosen.append)

    for index in (0, 1, 2):
        QTest.mouseClick(ladder.viewport(), Qt.MouseButton.LeftButton, pos=centre(ladder, index))

    assert chosen == [NO_ARP, QUARANTINE]


def test_a_double_click_activates_the_filter(ladder, qtbot):
    ladder.show_ladder(the_ladder(0))

    with qtbot.waitSignal(ladder.filter_activated) as activated:
        QTest.mouseDClick(ladder.viewport(), Qt.MouseButton.LeftButton, pos=centre(ladder, 2))

    assert activated.args == [QUARANTINE]


def test_a_click_on_the_token_in_the_current_row_chooses_the_nbl(ladder, qtbot):
    ladder.show_ladder(the_ladder())
    place = ladder.row_rect(3).topLeft().toPoint() + QPoint(60, 44)

    with qtbot.waitSignal(ladder.token_chosen) as chosen:
        QTest.mouseClick(ladder.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert chosen.args == ["12.0"]


def test_the_keys_move_over_filters_only_and_enter_activates(ladder, qtbot):
    ladder.show_ladder(the_ladder())
    chosen = []
    ladder.filter_chosen.connect(lambda id_: (chosen.append(id_), ladder.select(FilterId(id_))))

    keys = (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Up)
    for key in keys:
        QTest.keyClick(ladder, key)
    with qtbot.waitSignal(ladder.filter_activated) as activated:
        QTest.keyClick(ladder, Qt.Key.Key_Return)

    assert chosen == [REWRITE, LAN, NO_ARP, QUARANTINE, LAN, REWRITE]
    assert activated.args == [REWRITE]


@pytest.mark.parametrize("tested", [1, 2, 17, 1500, 2999, 3000])
def test_the_current_row_of_3000_filters_is_in_sight(ladder, tested):
    ladder.show_ladder(a_long_ladder(tested))

    rect = ladder.row_rect(tested)
    assert rect.height() == theme().size.filter_row_current
    assert rect.top() >= 0
    assert rect.bottom() <= ladder.viewport().height()


def test_a_scroll_of_the_user_stays_until_another_row_is_current(ladder):
    ladder.show_ladder(a_long_ladder(1500))
    ladder.verticalScrollBar().setValue(0)

    ladder.show_ladder(Ladder(plan=ladder.ladder.plan, moment=ladder.ladder.moment))

    assert ladder.verticalScrollBar().value() == 0


def test_only_rows_in_sight_are_made(ladder, monkeypatch):
    long = a_long_ladder(1500)
    ladder.show_ladder(long)
    made = []
    row = Ladder.row
    monkeypatch.setattr(Ladder, "row", lambda self, index: (made.append(index), row(self, index))[1])

    ladder.grab()

    assert made
    assert max(made) - min(made) <= HEIGHT // theme().size.filter_row + 1


def test_the_description_is_the_text_twin_of_what_is_painted(ladder):
    ladder.show_ladder(the_ladder())
    ladder.select(LAN)

    assert ladder.accessibleDescription().split("; ") == [
        "chosen: filter LAN permit, not reached, not tested yet",
        "sublayer Contoso L2, weight 40000, rights: write",
        "filter no ARP announcements, did not match, ETHER_TYPE wanted 0x0806 saw 0x0800 (IPv4)",
        "filter VLAN 20 quarantine, did not match, VLAN_ID wanted 0x0014 saw 0x6014 (PCP 3, VID 20)",
        "filter gateway rewrite, current, matched, 2 of 2 conditions",
        "sublayer UNIVERSAL, weight 32768, evaluated next, even after a block",
        "filter LAN permit, not reached, not tested yet",
    ]


def test_the_tooltip_has_the_id_both_ways_and_all_conditions():
    row = the_ladder().row(3)

    assert filter_hint(row, PLAN.policy) == (
        "<b>gateway rewrite</b><br>filter id 73507 (0x11F23)<br>CALLOUT · mac_rewrite<br>effective weight 8 (0x8)<br>"
        "ETHER_TYPE = 0x0800 and MAC_REMOTE_ADDRESS_TYPE = 0<br>"
        "matched: ✓ ETHER_TYPE = 0x0800  ✓ MAC_REMOTE_ADDRESS_TYPE = 0<br>at mac_rewrite.py:41")


@pytest.mark.parametrize("current", [None, 0, 1, 5, 6])
def test_every_row_is_found_again_at_its_place(qapp, current):
    geometry = RowGeometry()
    geometry.measure(Ladder(plan=LadderPlan.of(the_policy(), 57)), theme())
    geometry.set_current(current if current is not None and current < 6 else None)

    found = [geometry.index_at(y) for y in range(geometry.height + 1)]

    expected = [index for index in range(6) for _ in range(geometry.top(index + 1) - geometry.top(index))]
    assert found == [*expected, None]


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_every_step_paints_in_both_themes_without_a_warning(ladder, mode):
    theme_manager().set_mode(mode)
    for records in (0, 7, IN_CALLOUT, 21):
        ladder.show_ladder(the_ladder(records))
        ladder.show_breakpoints({REWRITE: True, LAN: False})
        assert not ladder.grab().isNull()
    theme_manager().set_mode("dark")


def test_an_empty_layer_says_so(ladder):
    ladder.show_ladder(Ladder(plan=LadderPlan.of(the_policy(), 58)))

    assert ladder.filter_at(QPoint(10, 10)) is None
    assert not ladder.grab().isNull()


def tokens(*ids: str) -> tuple[FrameToken, ...]:
    return tuple(FrameToken(id=id_, badge="S", note="queued to re-enter") for id_ in ids)


@pytest.fixture
def strip(qtbot):
    theme_manager()
    view = TokenStrip(line_below=False)
    qtbot.addWidget(view)
    view.resize(WIDTH, 28)
    view.show()
    return view


def test_a_strip_tells_its_tokens_in_words(strip):
    strip.show_strips((Strip("enters next", tokens("12.1"), "injection 7"),), None, right="module 802.3 · tx ✓")

    assert strip.accessibleDescription() == (
        "enters next: 12.1, injected by self, queued to re-enter; injection 7; module 802.3 · tx ✓")


def test_tokens_of_a_strip_are_chosen_by_click_and_by_arrow_keys(strip):
    shown = (Strip("leaving", tokens("10.2", "11.1")),)
    chosen = []
    strip.token_chosen.connect(lambda id_: (chosen.append(id_), strip.show_strips(shown, NblId(id_))))
    strip.show_strips(shown, None)

    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(80, 14))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(strip, key)

    assert chosen == ["10.2", "11.1", "11.1", "10.2"]


def test_tokens_that_find_no_room_are_counted_in_words_and_not_painted_outside(strip):
    strip.show_strips((Strip("leaving", tokens(*(f"{n}.1" for n in range(20)))),), None)

    shown = [token.id for x in range(WIDTH) if (token := strip.token_at(x, 14)) is not None]

    assert 0 < len(set(shown)) < 20
    assert strip.accessibleDescription().count("injected by self") == 20


def test_where_room_is_short_tokens_lose_their_notes_before_they_are_left_out(strip):
    strip.show_strips((Strip("held", tokens("4.0")), Strip("with the driver", tokens("4.1"))), None, right="module")

    shown = {token.id: token.note for x in range(WIDTH) if (token := strip.token_at(x, 14)) is not None}

    assert shown == {"4.0": "", "4.1": ""}


def test_an_empty_strip_takes_no_focus(strip):
    strip.show_strips((), None, empty="empty")

    assert strip.focusPolicy() == Qt.FocusPolicy.NoFocus
    assert strip.accessibleDescription() == "empty"
