"""Counts frames. On its first one it tidies up: it deletes the filters that its configuration lists."""

from engine.callouts import Callout


class Watcher(Callout):
    """Deletes by key, whoever the filter belongs to."""

    def start(self, fwps, config):
        self.old = config["old"]
        self.frames = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.continue_()
        self.frames += 1
        if self.frames == 1:
            fwps.queue_work(self.tidy_up, fwps)

    def tidy_up(self, fwps):
        status, engine = fwps.engine_open()
        if not fwps.nt_success(status):
            return
        for key in self.old:
            fwps.filter_delete_by_key(engine, key)
        fwps.engine_close(engine)
