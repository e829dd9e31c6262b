"""C20 · Token-tag tracer: a number on every frame, and word of what becomes of it.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_INSPECTION
Config         keep  32   stories of the latest frames that are kept

Shows packet tagging. A tag is the driver's own; with it a number is tied to an NBL, and the notify function hears of
clones, of the way back through the modules, and at last of the removal of the context. It holds no frame: a tag is no
reference.
"""

from engine.callouts import Callout


class TagTracer(Callout):
    def start(self, fwps, config):
        self.keep = (config or {}).get("keep", 32)
        self.stories = {}
        self.last = 0
        status, self.tag = fwps.net_buffer_list_get_tag_for_context()
        return status

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.continue_()
        if layer_data is None:
            return
        status, token = fwps.net_buffer_list_retrieve_context(layer_data, self.tag, False)
        if fwps.nt_success(status):  # tagged already, at the layer before
            self.stories.setdefault(token, []).append(("seen at layer", values.layer_id))
            return
        self.last += 1
        status = fwps.net_buffer_list_associate_context(layer_data, values.layer_id, self.last, self.tag, None, None,
                                                        self.happened)
        if fwps.nt_success(status):
            self.stories[self.last] = [("tagged at layer", values.layer_id)]
            while len(self.stories) > self.keep:
                del self.stories[min(self.stories)]

    def happened(self, fwps, event_type, event, net_buffer_list, layer_id, context, context_tag):
        """FWPS_NET_BUFFER_LIST_NOTIFY_FN1: one of the events 0 to 14 has happened to a tagged NBL."""
        if context in self.stories:
            self.stories[context].append(("event", event_type))

    def stop(self, fwps):
        fwps.net_buffer_list_remove_context(None, self.tag)
