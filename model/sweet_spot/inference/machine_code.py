"""Machine code of PyTensor graphs, as bytes that another process can load.

All that is private to PyTensor and numba is here; where any of it fails, `compiled.py` does
without. Code is compiled in one piece: left to themselves they compile every node of a graph on its
own, equal ones once more each, and make machine code of a thousand small functions of which only
the one that is made of them all is ever called.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from itertools import batched, pairwise
from typing import Any

import numpy as np

# neither tells its types
llvm: Any = import_module("llvmlite.binding")
numba: Any = import_module("numba")
types, config, runtime = numba.core.types, numba.core.config, import_module("numba.core.runtime")
_Library: Any = import_module("numba.core.codegen").JITCodeLibrary
cpu_target: Any = import_module("numba.core.registry").cpu_target

PACKAGES = ("numba", "llvmlite", "numpy", "pytensor", "pymc", "nutpie")
WRAPPERS = ("cfunc.", "cpython.")
"""Names of functions that may be called from outside begin like this."""
CALLS = ("PyObject_Call", "PyObject_CallObject", "PyObject_CallFunctionObjArgs")
"""Of Python: how code calls a function that is not compiled."""
NUMBER = types.CPointer(types.double)
WORDS = types.CPointer(types.int64)


def machine() -> list[str]:
    """What machine code depends on besides the program: versions, processor, settings."""
    settings = (config.OPT, config.LOOP_VECTORIZE, config.SLP_VECTORIZE, config.USING_SVML)
    return [
        platform.python_version(), *map(version, PACKAGES), *map(str, _codegen().magic_tuple()),
        *map(str, settings),
    ]  # fmt: skip


def graph_function(inputs: Sequence[Any], outputs: Sequence[Any]) -> Callable[..., Any]:
    """A Python function of the inputs that numba can compile; nodes that are alike share code.

    Shapes are taken to fit together, as those of a layout do: nothing checks them.
    """
    from pymc.pytensorf import compile as compile_graph
    from pytensor.compile.mode import get_mode
    from pytensor.link.numba.dispatch import basic
    from pytensor.tensor.basic import Split
    from pytensor.tensor.shape import SpecifyShape

    found, same = dict[object, Any](), numba.njit(_as_it_is, no_cpython_wrapper=True)
    before = basic.numba_funcify_ensure_cache

    def once(op: Any, node: Any = None, **more: Any) -> tuple[Any, Any]:
        if isinstance(op, Split):
            kind = int(op.len_splits or 0), int(op.axis) % node.inputs[0].ndim
            return found.setdefault(("split", kind), _parts(*kind)), "split"
        if isinstance(op, SpecifyShape):
            return same, "shape"
        function, key = basic.numba_funcify_and_cache_key(op, node=node, **more)
        given = () if node is None else tuple(str(variable.type) for variable in node.inputs)
        return (function, None) if key is None else (found.setdefault((key, given), function), key)

    basic.numba_funcify_ensure_cache = once
    try:
        mode = get_mode("NUMBA").including("local_remove_all_assert")
        made = compile_graph(list(inputs), list(outputs), mode=mode, on_unused_input="ignore")
    finally:
        basic.numba_funcify_ensure_cache = before
    function: Callable[..., Any] = basic.numba_njit(made.vm.jit_fn.py_func)
    return function


def _as_it_is(x: Any, *_: Any) -> Any:
    return x


def _parts(count: int, axis: int) -> Callable[..., Any]:
    """Parts of an array; PyTensor's own would ask Python for the words of an error."""
    ends = ["0"] + [f"e{k}" for k in range(count)]
    steps = "\n".join(f"    e{k} = {ends[k]} + sizes[{k}]" for k in range(count))
    slices = "".join(f"x[{':, ' * axis}{low}:{high}], " for low, high in pairwise(ends))
    scope: dict[str, Any] = {}
    exec(f"def split(x, sizes):\n{steps}\n    return ({slices})", scope)
    parts: Callable[..., Any] = numba.njit(no_cpython_wrapper=True)(scope["split"])
    return parts


def compiled(function: Callable[..., Any], signature: Any) -> tuple[str, list[str], bytes]:
    """Name of a C function made from a Python one, names of what it calls, and its machine code.

    Raises
    ------
    ValueError
        The code holds addresses of this process.
    """
    with _in_one_piece():
        made = numba.cfunc(signature)(function)
    library = made._library
    module = library._final_module
    outside = [f.name for f in module.functions if f.is_declaration]
    needs = [name for name in outside if not name.startswith("llvm.")]
    # what it calls in Python it would look for in an environment, which no other process has; the
    # words of errors are there too, but an error only ends the call
    bound = [*library._dynamic_globals, *(name for name in needs if name in CALLS)]
    if bound:
        raise ValueError(f"the code is of use in this process alone: {', '.join(bound)}")
    return made.native_name, needs, library._get_compiled_object()


def address(name: str, needs: Sequence[str], code: bytes) -> int:
    """Loads machine code into this process and tells where its function starts.

    It is run as it stands: only load what this user's own process has written.

    Raises
    ------
    ValueError
        There is no such function in it, or what it calls is not there, of which LLVM would die.
    """
    runtime.rtsys.initialize(cpu_target.target_context)
    missing = [other for other in needs if llvm.address_of_symbol(other) is None]
    if missing:
        raise ValueError(f"{missing} are not in this process")
    codegen = _codegen()
    empty = codegen.create_library("empty")._final_module.as_bitcode()
    library = codegen.unserialize_library((name, "object", (code, empty)))
    found: int = codegen._engine.get_function_address(name)
    if not found:
        raise ValueError(f"{name}: not in this machine code")
    _LOADED.append(library)
    return found


_LOADED: list[Any] = []
"""Kept for the life of the process: a sampler may call the function at any time."""


def c_function(inner: Callable[..., Any], arrays: Sequence[np.ndarray], head: str) -> Any:
    """A function that numba can compile as C, made of `head` and a call of `inner` on its arrays.

    `head` has a line `{arrays}` for the arrays, which are found from the words at `user_`: nutpie's
    record of all addresses, then all sizes, then all shapes.
    """
    from nutpie.compile_pymc import address_as_void_pointer

    scope: dict[str, Any] = {
        "np": np, "carray": numba.carray, "pointer": address_as_void_pointer, "inner": inner,
    }  # fmt: skip
    word, lines = 2 * len(arrays), []
    for k, array in enumerate(arrays):
        shape = "".join(f"u[{word + axis}], " for axis in range(array.ndim))
        scope[f"dtype{k}"], word = array.dtype, word + array.ndim
        lines.append(f"a{k} = carray(pointer(u[{k}]), ({shape}), dtype{k})")
    lines.insert(0, f"u = carray(user_, ({word},))")
    # of more than thirty at once Python makes a list first, which numba cannot compile
    names = ["x", *(f"a{k}" for k in range(len(arrays)))]
    parts = (f"({', '.join(some)},)" for some in batched(names, 25))
    lines.append(f"found = inner(*({' + '.join(parts)}))")
    exec(head.replace("{arrays}", "\n        ".join(lines)), scope)
    return scope["called"]


def _codegen() -> Any:
    return cpu_target.target_context.codegen()


class _Unlinked(_Library):  # type: ignore[misc]
    """Code that is linked, optimised and emitted when it is called from outside, not before."""

    _emitted = _linked = False

    def finalize(self) -> None:
        self._raise_if_finalized()
        self._finalized = True

    def _link(self) -> None:
        """Everything that this calls, however indirectly, each once."""
        if not self._linked:
            self._linked, self._shared_module = True, None
            for library in _below(self):
                alone = isinstance(library, _Unlinked)
                module = library._own_module() if alone else library._get_module_for_linking()
                self._final_module.link_in(module, preserve=True)

    def _own_module(self) -> Any:
        """What other code of this kind links: its functions, and not what these call."""
        return super()._get_module_for_linking()

    def _get_module_for_linking(self) -> Any:
        """What code of any other kind links."""
        self._link()
        return super()._get_module_for_linking()

    def get_pointer_to_function(self, name: str) -> int:
        if not name.startswith(WRAPPERS) or name not in self._names():
            return 0
        if not self._emitted:
            self._emitted = True
            self._link()
            self._optimize_final_module()
            self._final_module.verify()
            self._finalize_final_module()
        found: int = super().get_pointer_to_function(name)
        return found

    def _names(self) -> set[str]:
        return {f.name for f in self._final_module.functions if not f.is_declaration}


def _below(library: Any) -> list[Any]:
    """The libraries that one links, and those that these link, each once and callers first.

    Callers first, because of a function that nothing calls yet the linker keeps nothing.
    """
    seen, order, path = {id(library)}, list[Any](), [library]
    stack = [iter(library._linking_libraries)]
    while stack:
        one = next((one for one in stack[-1] if id(one) not in seen), None)
        if one is None:
            stack.pop()
            order.append(path.pop())
        else:
            seen.add(id(one))
            path.append(one)
            stack.append(iter(one._linking_libraries if isinstance(one, _Unlinked) else ()))
    return order[-2::-1]


@contextmanager
def _in_one_piece() -> Iterator[None]:
    codegen = _codegen()
    before, tell = codegen._library_class, codegen.set_env

    def set_env(name: str, env: Any) -> None:
        if codegen._engine.is_symbol_defined(name):  # else nothing there can be called yet
            tell(name, env)

    codegen._library_class, codegen.set_env = _Unlinked, set_env
    try:
        yield
    finally:
        codegen._library_class = before
        del codegen.set_env
