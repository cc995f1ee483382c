"""Point clouds with boxes, and files of 3D objects."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, Final

import orjson

from tracklab.errors import UsageError
from tracklab.media.value import BatchableMedia, path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from tracklab.media.value import Place

__all__ = ["Object3D", "box3d"]

_CLOUD: Final = "lidar/beta"
_WIDTHS: Final = (3, 4, 6)


class Object3D(BatchableMedia):
    """A 3D object to log: `run.log({"scan": Object3D(points)})`.

    Args:
        data_or_path: points of shape `(n, 3)`, x, y, z; `(n, 4)`, with a category of 1 to 14; or
            `(n, 6)`, with red, green, blue of 0 to 255; a dict with `type` `lidar/beta` and
            `points`, `boxes`, `vectors`; the path of a file, or an open one with `file_type`.
        caption: a text under it.
        kwargs: `file_type`, the type of an open file.

    Raises:
        UsageError: points of another shape, or a file of a type that is not supported.
        FileNotFoundError: there is no such file.
    """

    SUPPORTED_TYPES: ClassVar[set[str]] = {"obj", "gltf", "glb", "babylon", "stl", "pts.json"}
    SUPPORTED_POINT_CLOUD_TYPES: ClassVar[set[str]] = {_CLOUD}
    _type = "object3D-file"
    _folder = "object3D"

    def __init__(self, data_or_path: Any, caption: str | None = None, **kwargs: Any) -> None:
        super().__init__(caption)
        path = path_of(data_or_path)
        if path is not None:
            ending = self._supported(str(path))
            self._open(path)
            self._ending = ending
        elif hasattr(data_or_path, "read"):
            self._content = _read(data_or_path)
            self._ending = self._supported(f".{kwargs.get('file_type')}")
        else:
            made = _scene if isinstance(data_or_path, dict) else _points
            self._content = _json(made(data_or_path))
            self._ending = ".pts.json"

    @classmethod
    def from_file(cls, data_or_path: Any, file_type: str | None = None) -> Self:
        """Return the object in a file, a path or an open one of type `file_type`."""
        return cls(data_or_path, file_type=file_type)

    @classmethod
    def from_numpy(cls, data: Any) -> Self:
        """Return the object of an array of points."""
        return cls(data)

    @classmethod
    def from_point_cloud(
        cls,
        points: Sequence[Any],
        boxes: Sequence[Any],
        vectors: Sequence[Any] | None = None,
        point_cloud_type: str = _CLOUD,
    ) -> Self:
        """Return a scene of points, boxes (see `box3d`) and vectors (`start` and `end`)."""
        return cls(
            {"type": point_cloud_type, "points": points, "boxes": boxes, "vectors": vectors or []}
        )

    @classmethod
    def batch(cls, values: Sequence[Self], place: Place) -> dict[str, Any]:
        """Return the record that stands for a list of objects."""
        records = [value.to_record(place) for value in values]
        names = [record.get("path", "").removeprefix("media/object3D/") for record in records]
        return {
            "_type": "object3D", "filenames": names, "count": len(values), "objects": records,
        }  # fmt: skip

    @classmethod
    def _supported(cls, path: str) -> str:
        for kind in cls.SUPPORTED_TYPES:
            if path.endswith(f".{kind}"):
                return f".{kind}"
        raise UsageError(
            f"File {path!r} is not compatible with Object3D: supported types are: "
            f"{', '.join(sorted(cls.SUPPORTED_TYPES))}. With an open file write "
            'Object3D(file, file_type="obj").'
        )


def box3d(
    *,
    center: Any,
    size: Any,
    orientation: Any,
    color: Any,
    label: str | None = None,
    score: float | None = None,
) -> dict[str, Any]:
    """Return a box of a point cloud.

    Args:
        center: x, y, z of its middle.
        size: its lengths along x, y, z before it is turned.
        orientation: how it is turned, a quaternion r, i, j, k; not zero, of any length.
        color: red, green, blue.
        label: a text at it.
        score: how sure it is.

    Raises:
        UsageError: an argument has another length, or the quaternion is zero.
    """
    import numpy as np  # noqa: PLC0415 - only someone who logs arrays pays for numpy

    given = {"center": (center, 3), "size": (size, 3), "orientation": (orientation, 4)}
    for name, (value, length) in given.items():
        if np.shape(value) != (length,):
            raise UsageError(f"box3d() takes {length} numbers for {name}; got {value!r}.")
    turn = np.asarray(orientation, np.float64)
    if not turn.any():
        raise UsageError("Unexpected zero quaternion. box3d(orientation=(1, 0, 0, 0)) is unturned.")
    scaled = turn / np.abs(turn).max()
    r, axis = scaled[0] / np.linalg.norm(scaled), scaled[1:] / np.linalg.norm(scaled)
    corners = np.array(list(product((-0.5, 0.5), repeat=3))) * np.asarray(size, np.float64)
    # v + 2 a x (a x v + r v): a unit quaternion's turn of v, without a matrix.
    inner = np.cross(axis, corners) + r * corners
    turned = corners + 2 * np.cross(axis, inner) + np.asarray(center, np.float64)
    return {
        "corners": tuple(tuple(corner) for corner in turned.tolist()),
        "color": color,
        "label": label,
        "score": score,
    }


def _scene(given: dict[str, Any]) -> dict[str, Any]:
    if given.get("type") != _CLOUD:
        raise UsageError(
            f"Object3D() got a scene of type {given.get('type')!r}. Type not supported, only "
            f"{_CLOUD!r} is currently supported."
        )
    parts = {name: _listed(given.get(name, ()), name) for name in ("vectors", "points", "boxes")}
    return {"type": _CLOUD, **parts}


def _listed(values: Any, name: str) -> list[Any]:
    try:
        found = _plain(values)
    except TypeError:
        found = values
    if not isinstance(found, list) or isinstance(values, str | dict):
        raise UsageError(
            f"Object3D() takes a list or an array of {name} in a scene; got {values!r}, a "
            f"{type(values).__name__}. Write {{'type': {_CLOUD!r}, {name!r}: [...]}}."
        )
    return found


def _plain(values: Any) -> list[Any]:
    return values.tolist() if hasattr(values, "tolist") else list(values)


def _points(data: Any) -> list[Any]:
    import numpy as np  # noqa: PLC0415 - as above

    array = np.asarray(data.detach().cpu() if hasattr(data, "detach") else data)
    if array.ndim != 2 or array.shape[1] not in _WIDTHS or array.dtype.kind not in "buif":  # noqa: PLR2004 - points, numbers
        raise UsageError(
            f"Object3D() got an array of shape {list(array.shape)}. The shape must be one of "
            "(n, 3): x y z; (n, 4): x y z category; (n, 6): x y z r g b."
        )
    return array.tolist()  # type: ignore[no-any-return] # numpy has no type for what depends on shape


def _json(scene: Any) -> bytes:
    """Return a scene as JSON; a coordinate that is not finite is null."""
    try:
        return orjson.dumps(scene, default=_plain)
    except TypeError as error:
        raise UsageError(
            f"Object3D() takes numbers and texts in a scene; {error}. Give points as [x, y, z], "
            "and boxes as box3d() makes them."
        ) from None


def _read(file: Any) -> bytes:
    if hasattr(file, "seek"):
        file.seek(0)
    content = file.read()
    return content if isinstance(content, bytes) else content.encode()
