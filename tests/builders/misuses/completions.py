"""B: status, completions, and who may free or inject what (M11 to M20d)."""

from __future__ import annotations

from typing import Any

from tests.builders.misuses.case import SEEN, Case, Story, among_anchors, body

CHAIN = body("""
    data = layer_data.first_net_buffer.data()
    chain = [self.copy(fwps, data)[1] for _ in range(3)]
    for this, following in zip(chain, chain[1:]):
        this.next = following
    self.kept, self.context = chain, {"left": 3}
    status = self.inject(fwps, values, chain[0], completion_context=self.context)
    out.absorb()
""")
FAILS = {"call": "completion", "nth": 2, "status": "0xC001000D"}
INFORMS = FAILS | {"status": "0x00000103"}
REFUSED = {"call": "FwpsInjectMacSendAsync0", "nth": 1, "status": "0xC000009A"}

COMPLETED = "\ndef completed(self, fwps, context, net_buffer_list, dispatch_level):"


def completing(lines: str, rule: str = "", *, faults: tuple[dict[str, Any], ...] = (), policy: str = "single") -> Story:
    """Three copies go out as one chain; `completed` has these lines, and its first bears the mark."""
    head = COMPLETED + (f"  # {rule}" if rule else "")
    return among_anchors(CHAIN + body(lines, head), faults=faults, completion_policy=policy)


EACH = "for nbl in each(net_buffer_list):\n    DOES\n    self.release(fwps, nbl)"
SAVED = """
    for nbl in each(net_buffer_list):
        mdl = nbl.first_net_buffer.mdl_chain
        fwps.free_net_buffer_list(WHICH)  # M15
        fwps.free_mdl(mdl)
"""


def cloning(lines: str, *, wrong: str, right: str, **more: Any) -> tuple[Story, Story]:
    """`seen` clones the frame and does these lines; where WRONG stands, the one or the other."""
    text = "status, clone = self.clone(fwps, meta, layer_data)\n" + lines + "\nout.absorb()"
    return tuple(among_anchors(body(text.replace("WRONG", one)), **more) for one in (wrong, right))  # type: ignore[return-value]  # a pair


def case(pair: tuple[Story, Story], **members: Any) -> Case:
    return Case(trigger=pair[0], near=pair[1], **members)


SEND = "fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, {}, {}, None)"
FREE = "fwps.free_clone_net_buffer_list(clone, 0)"
LOST = frozenset({"M38"})
"""What these near misses do with the frame is not what they are about: they absorb it and keep nothing."""

ORIGINAL = body("""
    fwps.reference_net_buffer_list(layer_data, True)
    fwps.queue_work(self.work, fwps, layer_data)
    out.absorb()
""", SEEN, """
def work(self, fwps, nbl):
    WRITE
    status = fwps.inject_mac_send_async(self.handle, None, 0, 57, 1, 0, nbl, None, None)  # M20d
    fwps.dereference_net_buffer_list(nbl, False)
""")

CASES = {
    "M11": Case(trigger=completing(EACH.replace("DOES", "pass"), "M11", faults=(FAILS,)),
                near=completing(EACH.replace("DOES", "fwps.nt_success(nbl.status)"), faults=(FAILS,))),
    "M12": Case(trigger=completing(EACH.replace("DOES", "lost = nbl.status != 0"), "M12", faults=(INFORMS,)),
                near=completing(EACH.replace("DOES", "lost = not fwps.nt_success(nbl.status)"), faults=(INFORMS,))),
    "M13": Case(trigger=completing("context.clear()\n" + EACH.replace("DOES", "pass"), "M13", policy="each"),
                near=completing(EACH.replace("DOES", "context['left'] -= 1") + "\nif not context['left']:\n"
                                "    context.clear()", policy="each")),
    "M14": Case(trigger=completing("self.release(fwps, net_buffer_list)", "M14"),
                near=completing(EACH.replace("DOES", "pass"))),
    "M15": Case(trigger=completing(SAVED.replace("WHICH", "self.kept[0]"), policy="reverse_each"),
                near=completing(SAVED.replace("WHICH", "nbl"), policy="reverse_each")),
    "M16": case(cloning(f"{FREE}\nWRONG", wrong=f"{FREE}  # M16", right="pass"), near_breaks=LOST),
    "M17": case(cloning(f"WRONG\n{FREE}", wrong="fwps.free_net_buffer_list(clone)  # M17", right="pass"),
                near_breaks=LOST),
    "M18": case(cloning("status = self.inject(fwps, values, clone)\nWRONG", wrong=f"{FREE}  # M18", right="pass")),
    "M19": case(cloning("self.inject(fwps, values, clone)\nfirst = WRONG",
                        wrong="clone.first_net_buffer  # M19", right="layer_data.first_net_buffer")),
    "M20": case(cloning("self.inject(fwps, values, clone)\nstatus = WRONG\n",
                        wrong=SEND.format("clone", "self.completed") + "  # M20", right="0")),
    "M20a": case(cloning("status = " + SEND.format("clone", "self.completed") + "  # M20a\nWRONG",
                         wrong="pass", right=FREE, faults=(REFUSED,)), near_breaks=LOST),
    "M20c": case(cloning("status = " + SEND.format("clone", "WRONG") + "  # M20c\nif status:\n    " + FREE,
                         wrong="None", right="self.completed")),
    "M20d": Case(trigger=among_anchors(ORIGINAL.replace("WRITE", "nbl.first_net_buffer.write(0, bytes(6))")),
                 near=among_anchors(ORIGINAL.replace("WRITE", "pass"))),
}
