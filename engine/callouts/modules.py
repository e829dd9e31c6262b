"""Which modules a script gets, and which of them in a shape of their own: bounded, seeded, without a clock.

A script may import what Python has and `engine.callouts`; nothing else of the engine is reachable (contracts 4).
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from types import ModuleType
from typing import Any, NoReturn

from engine.callouts.bounds import Bounds
from engine.callouts.members import check_name
from engine.callouts.patterns import check_pattern
from engine.callouts.refused_modules import refusal
from engine.callouts.sources import Sources

FOR_SCRIPTS = frozenset({"Action", "Callout", "InjectionState", "*"})
"""What `from engine.callouts import …` gives; its modules are not for scripts."""

_OF_SYS = ("version", "version_info", "hexversion", "platform", "implementation", "maxsize", "maxunicode", "byteorder",
           "float_info", "int_info", "hash_info", "stdout", "stderr", "exit", "getsizeof", "intern", "exc_info",
           "getrecursionlimit", "executable", "argv", "path", "copyright", "float_repr_style")
_NOT_OF_OS = frozenset(word for line in (
    "_exit abort kill killpg fork forkpty system popen posix_spawn posix_spawnp startfile urandom getrandom",
    "chdir fchdir chroot close closerange dup dup2 pipe pipe2 read readv wait wait3 wait4 waitpid waitid",
    "nice setsid setpgid setuid setgid setreuid setregid seteuid setegid setresuid setresgid setgroups initgroups",
    "putenv unsetenv register_at_fork",
    "login_tty openpty sched_setaffinity sched_setscheduler setpriority umask fdopen open times environ environb sys",
) for word in line.split())
_CLOCKS = {"time": 1e-9, "monotonic": 1e-9, "perf_counter": 1e-9, "process_time": 1e-9, "thread_time": 1e-9,
           "time_ns": 1, "monotonic_ns": 1, "perf_counter_ns": 1, "process_time_ns": 1, "thread_time_ns": 1}
_OF_RANDOM = ("random", "uniform", "triangular", "randint", "choice", "randrange", "sample", "shuffle", "choices",
              "normalvariate", "lognormvariate", "expovariate", "vonmisesvariate", "gammavariate", "gauss",
              "betavariate", "paretovariate", "weibullvariate", "getstate", "setstate", "getrandbits", "randbytes",
              "seed")


class Facade(ModuleType):
    """A module as scripts see it."""

    def __init__(self, name: str, members: Mapping[str, Any], reason: str = "it is not for callout scripts") -> None:
        super().__init__(name)
        self.__dict__.update(members)
        self.__dict__["_reason_"] = reason

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{self.__name__} has no {name} here: {self.__dict__['_reason_']}")


class ScriptModules:
    """`import` of one script. Simulated time and the seed of its chance come from outside."""

    def __init__(self, bounds: Bounds, sources: Sources, time_ns: Callable[[], int], seed: str) -> None:
        self._bounds, self._sources, self._time_ns, self._seed = bounds, sources, time_ns, seed
        self._facades: dict[str, ModuleType] = {}
        self._makers: dict[str, Callable[[ModuleType], ModuleType]] = {
            "sys": self._sys, "os": self._os, "time": self._time, "random": self._random, "uuid": self._uuid,
            "itertools": self._itertools, "operator": self._operator, "math": self._math, "re": self._re,
            "io": self._io,
        }

    def import_(self, name: str, globals_: Mapping[str, object] | None = None,
                locals_: Mapping[str, object] | None = None, fromlist: Sequence[str] | None = (),
                level: int = 0) -> ModuleType:
        """`__import__` for scripts."""
        top = name.partition(".")[0]
        if top == "gui" or (top == "engine" and name != "engine.callouts"):
            raise ImportError(f"a callout script cannot import {name}; only engine.callouts is for scripts")
        if name == "engine.callouts":
            if not (fromlist and FOR_SCRIPTS.issuperset(fromlist)):
                raise ImportError("write `from engine.callouts import Callout, InjectionState`")
            return builtins.__import__(name, None, None, fromlist)
        reason = refusal(name)
        if reason is not None:
            raise ImportError(f"a callout script cannot import {name}: {reason}")
        for one in fromlist or ():
            if one != "*":
                check_name(one)
                self._refuse_part(f"{name}.{one}")
        return self.admit(builtins.__import__(name, globals_, locals_, fromlist or (), level))

    @staticmethod
    def _refuse_part(name: str) -> None:
        reason = refusal(name) if name.startswith(("urllib.", "logging.")) else None
        if reason is not None:
            raise ImportError(f"a callout script cannot import {name}: {reason}")

    def admit(self, module: ModuleType) -> ModuleType:
        """A module that a script has come by, in the shape in which it may have it."""
        if isinstance(module, Facade):
            return module
        name = module.__name__
        if name in ("posixpath", "ntpath", "genericpath"):
            return module
        reason = refusal(name) or ("it is not for scripts" if name.partition(".")[0] in ("engine", "gui") else None)
        if reason is not None:
            raise ImportError(f"a callout script cannot use {name}: {reason}")
        maker = self._makers.get(name.lstrip("_"))
        if maker is None:
            return module
        if name not in self._facades:
            self._facades[name] = maker(module)
        return self._facades[name]

    def _copy(self, module: ModuleType, changed: Mapping[str, Any], left_out: Iterable[str] = (),
              reason: str = "") -> Facade:
        members = {name: value for name, value in vars(module).items() if not name.startswith("__")}
        for name in [name for name, value in members.items() if name in left_out or isinstance(value, ModuleType)]:
            del members[name]
        for name in ("__doc__", "__all__"):
            if name in vars(module):
                members[name] = vars(module)[name]
        if "__all__" in members:
            members["__all__"] = [name for name in members["__all__"] if name in members or name in changed]
        return Facade(module.__name__, members | dict(changed), reason or "callout scripts have no use for it")

    def _sys(self, module: ModuleType) -> ModuleType:
        members = {name: getattr(module, name) for name in _OF_SYS if hasattr(module, name)}
        members.update(argv=[], path=[])
        return Facade("sys", members, "it reaches into the interpreter that runs the engine")

    def _os(self, module: ModuleType) -> ModuleType:
        left_out = {name for name in vars(module) if name in _NOT_OF_OS or name.startswith(("exec", "spawn", "_"))}
        return self._copy(module, {"path": module.path, "environ": dict(module.environ)}, left_out,
                          "it acts on this whole program, or differs from run to run")

    def _time(self, module: ModuleType) -> ModuleType:
        changed: dict[str, Any] = {name: self._clock(unit) for name, unit in _CLOCKS.items()}
        return self._copy(
            module, changed, {"sleep", "pthread_getcpuclockid", "clock_gettime", "clock_gettime_ns", "clock_settime",
                              "clock_settime_ns", "clock_getres", "get_clock_info", "localtime", "ctime", "tzset"},
            "a callout neither waits nor knows the clock on the wall; use fwps.set_timer; time_ns is simulated time")

    def _clock(self, unit: float) -> Callable[[], float]:
        return (lambda: self._time_ns() * unit) if unit != 1 else self._time_ns

    def _random(self, module: ModuleType) -> ModuleType:
        chance = Random(self._seed)
        seeds = Random(f"{self._seed}:more")

        class SeededRandom(Random):
            """`random.Random`; without a seed of its own it follows the session's."""

            def __init__(self, x: Any = None) -> None:
                super().__init__(seeds.getrandbits(64) if x is None else x)

        members: dict[str, Any] = {name: getattr(chance, name) for name in _OF_RANDOM}
        return Facade("random", {**members, "Random": SeededRandom, "__all__": [*_OF_RANDOM, "Random"]},
                      "it differs from run to run; what is here follows the session's seed")

    def _uuid(self, module: ModuleType) -> ModuleType:
        chance = Random(f"{self._seed}:uuid")

        def drawn(*_: Any, **__: Any) -> Any:
            return module.UUID(int=chance.getrandbits(128), version=4)

        return self._copy(module, {"uuid1": drawn, "uuid4": drawn}, {"getnode"}, "it differs from machine to machine")

    def _itertools(self, module: ModuleType) -> ModuleType:
        return self._copy(module, self._sources.itertools())

    def _operator(self, module: ModuleType) -> ModuleType:
        changed = {name: do for name, do in self._bounds.operators().items() if hasattr(module, name)}
        changed.update({f"__{name}__": do for name, do in changed.items()}, concat=self._bounds.add,
                       attrgetter=_checked(module.attrgetter), methodcaller=_checked(module.methodcaller))
        return self._copy(module, changed)

    def _math(self, module: ModuleType) -> ModuleType:
        bounds = self._bounds

        def sized(function: Callable[..., Any], bits: Callable[..., int]) -> Callable[..., Any]:
            def bounded(*given: Any) -> Any:
                if all(isinstance(one, int) for one in given):
                    bounds.number(bits(*given))
                return function(*given)

            return bounded

        def chosen(n: int, k: int | None = None) -> int:
            return n.bit_length() * (n if k is None else min(k, n))

        def lcm(*numbers: Any) -> int:
            bounds.number(sum(int.bit_length(one) for one in numbers if isinstance(one, int)))
            return int(module.lcm(*numbers))

        def prod(iterable: Iterable[Any], *, start: Any = 1) -> Any:
            for one in iterable:
                start = bounds.mul(start, one)
            return start

        return self._copy(module, {
            "factorial": sized(module.factorial, chosen), "comb": sized(module.comb, chosen),
            "perm": sized(module.perm, chosen), "prod": prod, "lcm": lcm})

    def _re(self, module: ModuleType) -> ModuleType:
        def checked(function: Callable[..., Any]) -> Callable[..., Any]:
            def first_checked(pattern: Any, *given: Any, **named: Any) -> Any:
                check_pattern(pattern)
                return function(pattern, *given, **named)

            return first_checked

        names = ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
        return self._copy(module, {name: checked(getattr(module, name)) for name in names}, {"template"})

    def _io(self, module: ModuleType) -> ModuleType:
        return self._copy(module, {}, {"open", "open_code", "FileIO"}, "use the open of the builtins")


def _checked(make: Callable[..., Any]) -> Callable[..., Any]:
    """`attrgetter("a.b")`: names that a script could not write down are refused here too."""

    def checked(*names: Any, **named: Any) -> Any:
        for name in names:
            for part in name.split(".") if isinstance(name, str) else ():
                check_name(part)
                if part.startswith("_"):
                    raise AttributeError(f"{part}: a name for operator.{make.__name__} here begins with a letter")
        return make(*names, **named)

    return checked
