"""What a callout script imports: `from engine.callouts import Callout, InjectionState`. Source: contracts 4."""

from engine.callouts.api import Action, Callout, InjectionState

__all__ = ["Action", "Callout", "InjectionState"]
