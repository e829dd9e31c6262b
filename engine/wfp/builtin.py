"""The sublayers and providers that every Windows has. Source: layers-and-filters 4.6 [hdr][meta][dumpA–C]."""

from __future__ import annotations

from engine.wfp.objects import Lifetime, Provider, Sublayer
from engine.wfp.types import Guid


def _sublayer(weight: int, name: str, guid: str) -> Sublayer:
    return Sublayer(
        key=Guid("{" + guid + "}"),
        name=f"FWPM_SUBLAYER_{name}",
        weight=weight,
        requested_weight=weight,
        lifetime=Lifetime.BUILT_IN,
        persistent=True,
    )


def _provider(name: str, guid: str) -> Provider:
    return Provider(
        key=Guid("{" + guid + "}"), name=f"FWPM_PROVIDER_{name}", lifetime=Lifetime.BUILT_IN, persistent=True)


BUILTIN_SUBLAYERS = (
    _sublayer(49152, "RPC_AUDIT", "758c84f4-fb48-4de9-9aeb-3ed9551ab1fd"),
    _sublayer(40960, "IPSEC_TUNNEL", "83f299ed-9ff4-4967-aff4-c309f4dab827"),
    _sublayer(36864, "IPSEC_FORWARD_OUTBOUND_TUNNEL", "a5082e73-8f71-4559-8a9a-101cea04ef87"),
    _sublayer(34816, "IPSEC_DOSP", "e076d572-5d3d-48ef-802b-909eddb098bd"),
    _sublayer(32768, "UNIVERSAL", "eebecc03-ced4-4380-819a-2734397b2b74"),
    _sublayer(32767, "LIPS", "1b75c0ce-ff60-4711-a70f-b4958cc3b2d0"),
    _sublayer(16384, "SECURE_SOCKET", "15a66e17-3f3c-4f7b-aa6c-812aa613dd82"),
    _sublayer(12288, "IPSEC_SECURITY_REALM", "37a57701-5884-4964-92b8-3e704688b0ad"),
    _sublayer(8704, "TCP_TEMPLATES", "24421dcf-0ac5-4caa-9e14-50f6e3636af0"),
    _sublayer(8192, "TCP_CHIMNEY_OFFLOAD", "337608b9-b7d5-4d5f-82f9-3618618bc058"),
    _sublayer(7, "MPSSVC_APP_ISOLATION", "ffe221c3-92a8-4564-a59f-dafb70756020"),
    _sublayer(6, "MPSSVC_TENANT_RESTRICTIONS", "1ec6c7e1-fdd9-478a-b55f-ff8ba1d2c17d"),
    _sublayer(5, "MPSSVC_EDP", "09a47e38-fa97-471b-b123-18bcd7e65071"),
    _sublayer(4, "MPSSVC_QUARANTINE", "b3cdd441-af90-41ba-a745-7c6008ff2302"),
    _sublayer(3, "MPSSVC_WSH", "b3cdd441-af90-41ba-a745-7c6008ff2300"),
    _sublayer(2, "MPSSVC_WF", "b3cdd441-af90-41ba-a745-7c6008ff2301"),
    _sublayer(1, "TEREDO", "ba69dc66-5176-4979-9c89-26a7b46a8327"),
    _sublayer(0, "INSPECTION", "877519e1-e6a9-41a5-81b4-8c4f118e4a60"),
)

BUILTIN_PROVIDERS = (
    _provider("IKEEXT", "10ad9216-ccde-456c-8b16-e9f04e60a90b"),
    _provider("IPSEC_DOSP_CONFIG", "3c6c05a9-c05c-4bb9-8338-2327814ce8bf"),
    _provider("TCP_CHIMNEY_OFFLOAD", "896aa19e-9a34-4bcb-ae79-beb9127c84b9"),
    _provider("TCP_TEMPLATES", "76cfcd30-3394-432d-bed3-441ae50e63c3"),
    _provider("MPSSVC_WF", "decc16ca-3f33-4346-be1e-8fb4ae0f3d62"),
    _provider("MPSSVC_WSH", "4b153735-1049-4480-aab4-d1b9bdc03710"),
    _provider("MPSSVC_EDP", "a90296f7-46b8-4457-8f84-b05e05d3c622"),
    _provider("MPSSVC_TENANT_RESTRICTIONS", "d0718ff9-44da-4f50-9dc2-c963a4247613"),
    _provider("MPSSVC_APP_ISOLATION", "3cc2631f-2d5d-43a0-b174-614837d863a1"),
)

UNIVERSAL = Guid("{eebecc03-ced4-4380-819a-2734397b2b74}")
"""Default sublayer of every MAC layer [dumpA–C]."""

INSPECTION = Guid("{877519e1-e6a9-41a5-81b4-8c4f118e4a60}")

_SUBLAYER_KEYS = {one.name: one.key for one in BUILTIN_SUBLAYERS} | {
    "FWPM_SUBLAYER_EDGE_TRAVERSAL": BUILTIN_SUBLAYERS[16].key  # the newer name of TEREDO
}
_SUBLAYER_NAMES = {one.key: one.name for one in BUILTIN_SUBLAYERS}


def builtin_sublayer_key(name: str) -> Guid | None:
    """Return the key of `FWPM_SUBLAYER_…`, or None."""
    return _SUBLAYER_KEYS.get(name)


def builtin_sublayer_name(key: Guid) -> str | None:
    """Return `FWPM_SUBLAYER_…` of a built-in sublayer's key, or None."""
    return _SUBLAYER_NAMES.get(key)
