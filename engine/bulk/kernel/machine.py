"""The processor that kernels are compiled for, as LLVM knows it, and machine code brought to life on it."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping
from typing import Any

import llvmlite  # type: ignore[import-untyped]  # ships no types
import llvmlite.binding as llvm  # type: ignore[import-untyped]

VERSION: str = llvmlite.__version__

_C_TYPES: dict[str, Any] = {"int": ctypes.c_int64}


def triple() -> str:
    """Processor and system; on Windows in the object format that LLVM loads best."""
    found: str = llvm.get_process_triple()
    return found + "-elf" if sys.platform == "win32" else found


def target_machine() -> Any:
    """What every processor of this kind understands."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_triple(triple()).create_target_machine(opt=3, reloc="pic", codemodel="small")


class Loaded:
    """An object file in memory, ready to be called. Calls leave Python's lock."""

    def __init__(self, compiled: bytes, signatures: Mapping[str, tuple[str, ...]]) -> None:
        """Pointers are taken as numbers."""
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(compiled))
        self._engine.finalize_object()
        self._functions = {name: self._function(name, kinds) for name, kinds in signatures.items()}

    def __getitem__(self, name: str) -> Callable[..., int]:
        return self._functions[name]

    def _function(self, name: str, kinds: tuple[str, ...]) -> Callable[..., int]:
        address = self._engine.get_function_address(name)
        if not address:
            raise RuntimeError(f"the compiled kernels have no {name}")
        make: Any = ctypes.CFUNCTYPE(ctypes.c_int64, *(_C_TYPES.get(kind, ctypes.c_void_p) for kind in kinds))
        function = make(address)
        function.code = self._engine  # lives as long as anybody calls it: two threads may have loaded it twice
        found: Callable[..., int] = function
        return found
