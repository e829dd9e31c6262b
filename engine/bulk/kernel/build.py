"""Compiles the kernels to machine code, once: numba makes code for LLVM of them, LLVM an object file.

Only here, and in the kernels' source, numba is imported. What comes out needs neither numba nor Python, as kernels
allocate nothing, raise nothing, and call nothing that is not put into them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm  # type: ignore[import-untyped]  # ships no types
from numba import cfunc, types

from engine.bulk.kernel import classes, fold
from engine.bulk.kernel.machine import target_machine
from engine.bulk.kernel.signatures import SIGNATURES

_KERNELS: tuple[Callable[..., int], ...] = (
    fold.fold_pcap, fold.fold_pcapng, classes.rehash, classes.enter, classes.pack)

_pointer: Any = types.CPointer
_TYPES: dict[str, Any] = {
    "int": types.int64, "uint8*": _pointer(types.uint8), "uint64*": _pointer(types.uint64),
    "uint32*": _pointer(types.uint32), "int32*": _pointer(types.int32), "int64*": _pointer(types.int64),
}

def compile_kernels() -> bytes:
    """An object file with every kernel under its own name, for every processor of this kind."""
    machine = target_machine()
    whole = llvm.parse_assembly("")
    for kernel in _KERNELS:
        whole.link_in(llvm.parse_assembly(_assembly(kernel)))
    for one in (*whole.functions, *whole.global_variables):
        if not one.is_declaration and one.name not in SIGNATURES:
            one.linkage = "internal"
    whole.verify()
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    passes.getModulePassManager().run(whole, passes)
    _check(whole)
    compiled: bytes = machine.emit_object(whole)
    return compiled


def _assembly(kernel: Callable[..., int]) -> str:
    """A kernel as LLVM assembly."""
    name = kernel.__name__
    compiled = cfunc(types.int64(*(_TYPES[kind] for kind in SIGNATURES[name])), error_model="numpy")(kernel)
    return str(compiled.inspect_llvm()).replace(compiled.native_name, name)


def _check(module: Any) -> None:
    """Raises RuntimeError if anything of numba or Python is needed."""
    for one in (*module.functions, *module.global_variables):
        if one.is_declaration and not one.name.startswith("llvm."):
            raise RuntimeError(f"a kernel uses {one.name}, which is not there without numba")
