"""A capture driver whose user opens and closes it again and again. Each time its filter comes and goes."""

from engine.callouts import Callout

CALLOUT = "{7a1f0c52-9f0e-4a37-8f56-2d5b1c7e2221}"


class Divert(Callout):
    """Looks at what is sent, while it is open."""

    registers_itself = True

    def start(self, fwps, config):
        self.filter, self.opened_for_ns, self.cycles = config["filter"], config["opened_for_ns"], config["cycles"]
        self.seen = 0
        fwps.callout_register(None, {"callout_key": CALLOUT, "flags": 0, "version": 2})
        status, self.engine = fwps.engine_open()  # not dynamic: what it adds stays until somebody deletes it
        self.again(fwps, self.open)

    def again(self, fwps, function):
        fwps.set_timer(self.opened_for_ns, fwps.queue_work, function, fwps)  # Fwpm functions are for PASSIVE_LEVEL

    def open(self, fwps):
        status, self.filter_id = fwps.filter_add(self.engine, self.filter, None)
        self.again(fwps, self.close)

    def close(self, fwps):
        self.cycles -= 1
        if self.cycles:
            fwps.filter_delete_by_id(self.engine, self.filter_id)
            self.again(fwps, self.open)
        else:
            fwps.callout_unregister_by_key(CALLOUT)  # and the filter stays

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        self.seen += 1
        if out.rights & fwps.RIGHT_ACTION_WRITE:
            out.permit()

    def stop(self, fwps):
        fwps.engine_close(self.engine)
