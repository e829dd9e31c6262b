"""C02 · Permit all: the anchor that a driver needs where it injects.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_TERMINATING
Config         none

Injections are completed only where a callout stands behind a filter; this one does nothing else. It permits hard where
the filter asks for it (FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT), and has no opinion about what was blocked above it.
"""

from engine.callouts import Action, Callout


class PermitAll(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if not out.rights & fwps.RIGHT_ACTION_WRITE or out.action_type == Action.BLOCK:
            return
        out.permit(hard=bool(filter.flags & fwps.FILTER_FLAG_CLEAR_ACTION_RIGHT))
