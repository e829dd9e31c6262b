"""Rules that the project's own source keeps, each a function from one source file to its complaints.

A complaint is one line, `path:line: what is wrong`. The rules read text only, so tests can plant
sources that break them.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

ORDER = {
    "engine": (
        "__init__", "watchman", "errors", "resources", "ndis", "frames", "wfp", "callouts", "trace", "classify", "bulk",
        "display", "debugger", "sessions", "report", "explore", "cli", "__main__",
    ),
    "gui": (
        "__init__", "settings", "theme", "widgets", "session_bridge", "models", "actions", "views",
        "main_window", "app", "__main__",
    ),
}  # fmt: skip
"""Folders and modules of each package; each may import those before it, and itself."""

QT = frozenset({"PySide6", "PyQt5", "PyQt6", "shiboken6", "qasync", "pyqtgraph"})
CLOCKS_AND_THREADS = frozenset(
    {"time", "threading", "_thread", "multiprocessing", "concurrent", "asyncio", "sched", "secrets", "timeit"}
)
CODE_FROM_DATA = frozenset({"pickle", "marshal", "shelve", "dill", "cloudpickle"})
IMPORT_BY_NAME = frozenset({"import_module", "__import__"})
RUNS_TEXT = frozenset({"eval", "exec", "compile", "__import__"})
NOW = frozenset({"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "getrandom"})
SEEDED = frozenset({"Random", "default_rng", "SeedSequence", "PCG64", "Generator"})

MAY_KNOW_TIME = ("engine/frames/live", "engine/cli", "engine/watchman.py", "engine/bulk/ahead.py")
"""A live source waits for the wire; the command line shows progress and measures its run; the second half of a large
capture is folded on another core, and what comes of it does not depend on who was first."""

MAY_RUN_TEXT = ("engine/callouts/loader.py",)
MAY_IMPORT_SCAPY = ("engine/frames/live", "engine/frames/listeners", "engine/frames/devices")
"""Importing scapy asks the system for its interfaces and routes: nothing that replays a file may depend on that."""

LINES_PER_FILE = 300
LINES_PER_FUNCTION = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: its path from the top of the repository, with slashes, and its text."""

    path: str
    text: str

    @property
    def package(self) -> str:
        return PurePosixPath(self.path).parts[0]

    @property
    def place(self) -> str:
        """The folder or module right under the package, the unit that `ORDER` knows."""
        return PurePosixPath(self.path).with_suffix("").parts[1]


@dataclass(frozen=True, slots=True)
class Import:
    line: int
    module: str
    at_top: bool
    """Whether it happens as soon as the file is imported."""


def imports(source: Source) -> Iterator[Import]:
    """Yield every module that a file imports, `from a import b` as both `a` and `a.b`, by name and by importlib."""
    tree = ast.parse(source.text)
    inside_functions = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        for module in _modules(node, source):
            yield Import(getattr(node, "lineno", 0), module, id(node) not in inside_functions)


def _modules(node: ast.AST, source: Source) -> list[str]:
    match node:
        case ast.Import(names):
            return [name.name for name in names]
        case ast.ImportFrom(module, names, level):
            base = _absolute(source, module, level)
            return [base, *(f"{base}.{name.name}" for name in names)]
        case ast.Call(func, [ast.Constant(value=str(module)), *_]) if _last_name(func) in IMPORT_BY_NAME:
            return [module]
    return []


def _absolute(source: Source, module: str | None, level: int) -> str:
    if level == 0:
        return module or ""
    parents = PurePosixPath(source.path).parts[:-1]
    base = parents[: len(parents) - level + 1]
    return ".".join((*base, *((module,) if module else ())))


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def folder_order(source: Source) -> list[str]:
    """A folder imports only folders above it; the engine never imports the window, save to start it."""
    order = ORDER[source.package]
    if source.place not in order:
        return [f"{source.path}:1: {source.place} has no rank in the order of {source.package}/"]
    complaints = []
    for each in imports(source):
        package, _, rest = each.module.partition(".")
        if package == "gui" and source.package == "engine":
            if source.place != "cli" or each.at_top:
                complaints.append(f"{source.path}:{each.line}: the engine imports {each.module}")
        elif package == source.package and rest:
            target = rest.split(".")[0]
            if target in order and order.index(target) > order.index(source.place):
                complaints.append(
                    f"{source.path}:{each.line}: {source.place} imports {each.module}, below it in the order"
                )
    return sorted(set(complaints))


def no_qt_in_engine(source: Source) -> list[str]:
    if source.package != "engine":
        return []
    return _forbidden_imports(source, QT, "the engine knows no Qt")


def scapy_stays_out(source: Source) -> list[str]:
    """Scapy is imported where frames come off a wire; its interactive parts nowhere."""
    interactive = frozenset({"scapy.main", "scapy.autorun", "scapy.tools"})
    complaints = [
        f"{source.path}:{each.line}: {each.module} is scapy's own console"
        for each in imports(source)
        if any(each.module == name or each.module.startswith(name + ".") for name in interactive)
    ]
    if source.package == "engine" and not source.path.startswith(MAY_IMPORT_SCAPY):
        complaints += _forbidden_imports(source, frozenset({"scapy"}), "replaying needs no scapy")
    return complaints


def no_code_from_data(source: Source) -> list[str]:
    """Nothing that is read is run, except a callout script by its loader."""
    complaints = _forbidden_imports(source, CODE_FROM_DATA, "it runs what it reads")
    if source.path not in MAY_RUN_TEXT:
        complaints += [
            f"{source.path}:{node.lineno}: {node.func.id}() runs text"
            for node in ast.walk(ast.parse(source.text))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RUNS_TEXT
        ]
    return complaints


def deterministic(source: Source) -> list[str]:
    """The engine has no clock, no thread, no unseeded randomness, no hidden state."""
    if source.package != "engine" or source.path.startswith(MAY_KNOW_TIME):
        return []
    complaints = _forbidden_imports(source, CLOCKS_AND_THREADS, "the engine knows neither clock nor thread")
    tree = ast.parse(source.text)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in NOW:
                complaints.append(f"{source.path}:{node.lineno}: .{name}() differs from run to run")
            case ast.Call(func=ast.Name(id="hash")) if not _is_inside_hash_method(tree, node):
                complaints.append(f"{source.path}:{node.lineno}: hash() of text differs from run to run")
            case ast.Call(func=ast.Attribute(attr=name, value=owner)) if _is_random_module(owner):
                if name not in SEEDED or not (node.args or node.keywords):
                    complaints.append(f"{source.path}:{node.lineno}: random.{name}() without a seed")
            case ast.Call(func=ast.Name(id="Random" | "default_rng" as name), args=[], keywords=[]):
                complaints.append(f"{source.path}:{node.lineno}: {name}() without a seed")
            case ast.ImportFrom(module="random" | "numpy.random", names=names):
                complaints += [
                    f"{source.path}:{node.lineno}: random.{name.name} has no seed of its own"
                    for name in names
                    if name.name not in SEEDED
                ]
            case ast.Global():
                complaints.append(f"{source.path}:{node.lineno}: a global statement makes module state change")
    return complaints


def _is_random_module(node: ast.expr) -> bool:
    match node:
        case ast.Name(id="random") | ast.Attribute(attr="random", value=ast.Name(id="np" | "numpy")):
            return True
    return False


def _is_inside_hash_method(tree: ast.Module, call: ast.Call) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "__hash__" and call in ast.walk(node)
        for node in ast.walk(tree)
    )


def short(source: Source) -> list[str]:
    """A file is one idea, a function fits one glance."""
    lines = len(source.text.splitlines())
    complaints = [f"{source.path}:{lines}: {lines} lines, more than {LINES_PER_FILE}"] if lines > LINES_PER_FILE else []
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LINES_PER_FUNCTION:
                where = f"{source.path}:{node.lineno}"
                complaints.append(f"{where}: {node.name} has {length} lines, more than {LINES_PER_FUNCTION}")
    return complaints


def _forbidden_imports(source: Source, names: frozenset[str], reason: str) -> list[str]:
    return sorted(
        {
            f"{source.path}:{each.line}: imports {each.module.partition('.')[0]}; {reason}"
            for each in imports(source)
            if each.module.partition(".")[0] in names
        }
    )


RULES: tuple[Callable[[Source], list[str]], ...] = (
    folder_order, no_qt_in_engine, scapy_stays_out, no_code_from_data, deterministic, short,
)  # fmt: skip
