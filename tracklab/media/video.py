"""Videos: frames as GIF, or as MP4, WebM and Ogg where ffmpeg is there; and files as they are."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.needs import needed, say_once
from tracklab.media.value import BatchableMedia

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from tracklab.media.value import Place

__all__ = ["Video"]

_CODECS: Final = {"mp4": "libx264", "webm": "libvpx", "ogg": "libtheora"}
_FPS: Final = 4
_FPS_MIN, _FPS_MAX = 0.01, 1_000  # a GIF says how long a frame stands in 16 bits


class Video(BatchableMedia):
    """A video to log: `run.log({"episode": Video(frames, fps=30, format="mp4")})`.

    Args:
        data_or_path: the path of a video file, an open one, or frames of 0 to 255 of shape
            `(time, channels, height, width)` with 1, 3 or 4 channels; with one more dimension in
            front several videos, shown side by side.
        caption: a text under it.
        fps: frames per second, 0.01 to 1,000; None for 4. For frames only.
        format: `gif`, `mp4`, `webm` or `ogg`; needed for frames and for open files.

    Raises:
        UsageError: the format is missing or another, `fps` is out of its range, or the frames
            have another shape.
        ArgumentTypeError: `fps` is no number.
        FileNotFoundError: there is no such file.
        MissingPackageError: what encodes the format is not installed.
    """

    EXTS: ClassVar[tuple[str, ...]] = ("gif", "mp4", "webm", "ogg")
    _type = "video-file"
    _folder = "videos"

    def __init__(
        self,
        data_or_path: Any,
        caption: str | None = None,
        fps: int | None = None,
        format: str | None = None,  # noqa: A002 - wandb's signature
    ) -> None:
        super().__init__(caption)
        self._width: int | None = None
        self._height: int | None = None
        stored = isinstance(data_or_path, str | Path) or hasattr(data_or_path, "read")
        if stored and fps is not None:
            say_once("Video(fps=) has no effect on a file: it has its own.")
        if isinstance(data_or_path, str | Path):
            self._format = _checked(Path(data_or_path).suffix[1:].lower(), "that ending")
            self._open(data_or_path)
            return
        self._format = _checked(format, "an io object" if stored else "a numpy array")
        self._ending = f".{self._format}"
        if stored:
            self._content = data_or_path.read()
            return
        rate = _FPS if fps is None else _checked_fps(fps)
        frames = _frames(data_or_path)
        self._height, self._width = frames.shape[1:3]
        self._content = _encoded(frames, self._format, rate)

    @classmethod
    def batch(cls, values: Sequence[Self], place: Place) -> dict[str, Any]:
        """Return the record that stands for a list of videos."""
        captions = [value.caption for value in values]
        return {
            "_type": "videos",
            "count": len(values),
            "videos": [value.to_record(place) for value in values],
            "captions": captions if any(captions) else False,
        }

    def _facts(self, place: Place) -> dict[str, Any]:  # noqa: ARG002 - no further file
        if self._width is None:
            return {}
        return {"width": self._width, "height": self._height}


def _checked(format_: str | None, source: str) -> str:
    if format_ not in Video.EXTS:
        raise UsageError(
            f"Video() accepts the formats {', '.join(Video.EXTS)}; got {format_!r} with {source}. "
            'Write Video(frames, format="gif").'
        )
    return format_


def _checked_fps(fps: Any) -> Any:
    if isinstance(fps, bool | str | bytes) or not hasattr(fps, "__float__"):
        raise ArgumentTypeError(
            f"Video() takes frames per second as a number; got {fps!r}. Write fps=30."
        )
    if not _FPS_MIN <= fps <= _FPS_MAX:  # so that NaN is refused, too
        raise UsageError(
            f"Video() takes {_FPS_MIN} to {_FPS_MAX:,} frames per second; got {fps!r}. Write "
            "fps=30."
        )
    return fps


def _frames(data: Any) -> Any:
    """Return an array of bytes of shape `(time, height, width, 3)`; several videos in a grid."""
    import numpy as np  # noqa: PLC0415 - only someone who logs arrays pays for numpy

    array = np.asarray(data.detach().cpu() if hasattr(data, "detach") else data)
    if (
        array.dtype.kind not in "buif"
        or array.ndim not in {4, 5}
        or array.shape[-3] not in {1, 3, 4}
    ):
        raise UsageError(
            "Video must be at least 4 dimensions: time, channels, height, width, with 1, 3 or 4 "
            f"channels, or 5 with a batch in front; got shape {list(array.shape)}."
        )
    videos = array.astype(np.uint8).reshape(-1, *array.shape[-4:])
    count, time, channels, height, width = videos.shape
    # As many rows as wandb draws: the next power of two, about twice as wide as high.
    cells = 1 << (count - 1).bit_length()
    empty = np.zeros((cells - count, time, channels, height, width), np.uint8)
    rows = 1 << ((count.bit_length() - 1) // 2)
    grid = np.concatenate([videos, empty]).reshape(rows, -1, time, channels, height, width)
    frames = grid.transpose(2, 0, 4, 1, 5, 3).reshape(time, rows * height, -1, channels)
    return np.repeat(frames, 3, axis=-1) if channels == 1 else frames[..., :3]


def _encoded(frames: Any, format_: str, fps: int) -> bytes:
    if format_ != "gif":
        return _by_ffmpeg(frames, format_, fps)
    pillow = needed("PIL.Image", by="Video()")
    first, *others = (pillow.fromarray(frame) for frame in frames)
    buffer = BytesIO()
    first.save(
        buffer, format="GIF", save_all=True, append_images=others, duration=1000 / fps, loop=0
    )
    return buffer.getvalue()


def _by_ffmpeg(frames: Any, format_: str, fps: int) -> bytes:
    import numpy as np  # noqa: PLC0415 - as above

    ffmpeg = needed("imageio_ffmpeg", by=f"Video(format={format_!r})")
    # Colours are stored for squares of four pixels, so an odd side gets one more row.
    height, width = frames.shape[1:3]
    even = np.pad(frames, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    with tempfile.TemporaryDirectory(prefix="tracklab-") as place:
        path = Path(place) / f"video.{format_}"
        writer = ffmpeg.write_frames(
            str(path),
            even.shape[2:0:-1],
            fps=fps,
            codec=_CODECS[format_],
            macro_block_size=1,
            ffmpeg_log_level="error",
        )
        writer.send(None)
        for frame in np.ascontiguousarray(even):
            writer.send(frame)
        writer.close()
        return path.read_bytes()
