"""Functions of others, wrapped while they should be, and given back afterwards."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tracklab.errors import MissingPackageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["loaded", "wrap"]


def wrap(owner: Any, name: str, make: Callable[[Callable[..., Any]], Any]) -> Callable[[], None]:
    """Replace a function by what `make` returns for it; return what puts it back.

    Args:
        owner: a module or an object that has the function.
        name: of the function.
        make: gets the function and returns the new one, which calls it.

    Returns:
        A function that takes the wrapper out again. Where somebody else has wrapped it since,
        theirs stays, and ours only passes calls on.
    """
    inherited = name not in vars(owner)  # a method: found on the class, not on the object
    before = getattr(owner, name)
    measured = make(before)
    active = True

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return (measured if active else before)(*args, **kwargs)

    for attribute in ("__name__", "__qualname__", "__doc__", "__module__"):
        if hasattr(before, attribute):
            setattr(wrapper, attribute, getattr(before, attribute))
    wrapper.__wrapped__ = before  # type: ignore[attr-defined] # what inspect.signature() follows
    setattr(owner, name, wrapper)

    def undo() -> None:
        nonlocal active
        active = False
        if vars(owner).get(name) is wrapper:
            if inherited:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    return undo


def loaded(module: str, *, package: str, wanted_by: str) -> Any:
    """Return a module of another package.

    Args:
        module: its name.
        package: what to install for it.
        wanted_by: who asks, for the message.

    Raises:
        MissingPackageError: it is not installed, or cannot be loaded.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPackageError(
            f"{wanted_by} needs {module}, which cannot be loaded ({error}). Install it with: "
            f"pip install {package}"
        ) from error
