"""Captures and policies as files, and the program run over them as a user would."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.builders.captures import ethernet, pcap, pcap_record
from tests.corpus import REPOSITORY

HOST, PEER, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"
ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86DD

IN_ETHERNET = "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET"
OUT_ETHERNET = "FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET"
IN_NATIVE = "FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE"
OUT_NATIVE = "FWPM_LAYER_OUTBOUND_MAC_FRAME_NATIVE"

CLONER = '''
from engine.callouts import Callout, InjectionState


class Cloner(Callout):
    """Absorbs what is sent and sends a clone in its place."""

    def start(self, fwps, config):
        status, self.handle = fwps.injection_handle_create(None, fwps.INJECTION_TYPE_L2)
        return status

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        state, context = fwps.query_packet_injection_state(self.handle, layer_data)
        if state in (InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF):
            out.permit()
            return
        status, clone = fwps.allocate_clone_net_buffer_list(layer_data, None, None, 0)
        if not fwps.nt_success(status):
            out.block(hard=True)
            return
        status = fwps.inject_mac_send_async(self.handle, None, 0, fwps.LAYER_OUTBOUND_MAC_FRAME_ETHERNET,
                                            values.INTERFACE_INDEX, values.NDIS_PORT, clone, self.completed, None)
        if not fwps.nt_success(status):
            fwps.free_clone_net_buffer_list(clone, 0)
            out.block(hard=True)
            return
        out.absorb()

    def completed(self, fwps, context, net_buffer_list, dispatch_level):
        while net_buffer_list is not None:
            following = net_buffer_list.next
            fwps.nt_success(net_buffer_list.status)
            fwps.free_clone_net_buffer_list(net_buffer_list, 0)
            net_buffer_list = following

    def stop(self, fwps):
        fwps.injection_handle_destroy(self.handle)
'''


def key(number: int) -> str:
    return f"{{00000000-0000-0000-0000-{number:012x}}}"


def inbound(ether_type: int = IPV4, source: str = PEER) -> bytes:
    return ethernet(HOST, source, ether_type)


def outbound(ether_type: int = IPV4, destination: str = PEER) -> bytes:
    return ethernet(destination, HOST, ether_type)


def write_capture(folder: Path, *frames: bytes, name: str = "a.pcap", link_word: int = 1) -> Path:
    """A capture with a frame each second."""
    path = folder / name
    records = [pcap_record(frame, second) for second, frame in enumerate(frames, 1)]
    path.write_bytes(pcap(*records, link_word=link_word))
    return path


def ether_type_is(number: int) -> dict:
    value = {"type": "FWP_UINT16", "value": number}
    return {"field": "FWPM_CONDITION_ETHER_TYPE", "match": "FWP_MATCH_EQUAL", "value": value}


def block_arp(name: str = "no ARP", layer: str = IN_ETHERNET) -> dict:
    return {"key": key(1), "name": name, "layer": layer, "conditions": [ether_type_is(ARP)],
            "action": "FWP_ACTION_BLOCK"}  # fmt: skip


def write_policy(folder: Path, *filters: dict, name: str = "policy.json", **members: object) -> Path:
    path = folder / name
    path.write_text(json.dumps({"format": "l2scope-policy", "version": 1, "filters": filters, **members}))
    return path


def write_cloner(folder: Path, script: str = CLONER, *filters: dict, **members: object) -> Path:
    """A policy whose callout gets every frame at layer 57; `Cloner` is its class."""
    (folder / "cloner.py").write_text(script)
    callout = {"key": key(2), "name": "cloner", "layer": OUT_ETHERNET, "script": "cloner.py", "class": "Cloner"}
    calls = {"key": key(3), "name": "clone all", "layer": OUT_ETHERNET, "callout": key(2),
             "action": "FWP_ACTION_CALLOUT_TERMINATING"}  # fmt: skip
    return write_policy(folder, calls, *filters, callouts=[callout], **members)


def l2scope(*arguments: object, hash_seed: str = "0", **settings: object) -> subprocess.CompletedProcess:
    """Run the program as its own process."""
    return subprocess.run(
        [sys.executable, "-m", "engine", *map(str, arguments)], cwd=REPOSITORY, capture_output=True, check=False,
        timeout=60, env={**os.environ, "PYTHONHASHSEED": hash_seed}, **settings,
    )  # fmt: skip


def json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
