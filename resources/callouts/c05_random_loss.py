"""C05 · Random loss: a bad cable, the same one in every run.

Layers         all four
Filter action  FWP_ACTION_CALLOUT_UNKNOWN
Config         share  0.1   part of the frames that is lost, 0 to 1
               seed   1     of the dice: the same seed loses the same frames

Shows ABSORB: what is lost leaves no trace in the audit, as on a real cable. The dice have a seed, so that a run can be
repeated.
"""

from random import Random

from engine.callouts import Callout


class RandomLoss(Callout):
    def start(self, fwps, config):
        config = config or {}
        self.share = config.get("share", 0.1)
        self.dice = Random(config.get("seed", 1))
        self.lost = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        if not out.rights & fwps.RIGHT_ACTION_WRITE:
            return
        if self.dice.random() < self.share:
            self.lost += 1
            out.absorb()
        else:
            out.continue_()
