"""`wandb.sdk.data_types.utils` and `wandb.helper`: what a row or configuration makes of values."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError
from tracklab.sdk.arguments import chosen_config
from tracklab.sdk.placing import place_in
from tracklab.sdk.values import row_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tracklab.sdk.run import Run

__all__ = ["history_dict_to_json", "parse_config", "val_to_json"]


def parse_config(
    params: Any,
    exclude: Iterable[str] | None = None,
    include: Iterable[str] | None = None,
) -> Mapping[str, Any]:
    """Return the configuration that `init(config=params)` would begin with.

    Args:
        params: a dict, an object with attributes such as a Namespace, or the path of a YAML file.
        exclude: keys to leave out.
        include: the only keys to take.

    Raises:
        UsageError: both lists are given.
        ConfigError: the file is missing or holds no mapping.
        ArgumentTypeError: something else was given.
    """
    return chosen_config(params, exclude, include)


def history_dict_to_json(
    run: Run | None,
    payload: dict[str, Any],
    step: int | None = None,
    ignore_copy_err: bool | None = None,  # noqa: ARG001, FBT001 - wandb's signature
) -> dict[str, Any]:
    """Replace the values of a row by what a line holds for them, and return it.

    Args:
        run: whose directory gets the files of media; None takes none.
        payload: the row.
        step: its step; None for the one that its `_step` says.
        ignore_copy_err: no effect.

    Raises:
        ArgumentTypeError: a list mixes media with other values.
        KeyError: no step is given and the row has none.
    """
    at = payload["_step"] if step is None else step
    found = row_values(payload, partial(place_in, run, at) if run is not None else None)
    payload.clear()
    payload.update(found)
    return payload


def val_to_json(
    run: Run | None,
    key: str,
    val: Any,
    namespace: int | str | None = None,
    ignore_copy_err: bool | None = None,  # noqa: FBT001 - as above
) -> Any:
    """Return what a row holds for one value.

    Args:
        run: whose directory gets the files of media; None takes none.
        key: the value's name.
        val: the value.
        namespace: the row's step, or `summary`.
        ignore_copy_err: no effect.

    Raises:
        UsageError: no namespace is given.
        ArgumentTypeError: a list mixes media with other values.
    """
    if namespace is None:
        raise UsageError(
            "val_to_json must be called with a namespace(a step number, or 'summary') argument; "
            f"got None for {key!r}."
        )
    (found,) = history_dict_to_json(run, {key: val}, namespace, ignore_copy_err).values()  # type: ignore[arg-type] # a place takes both
    return found
