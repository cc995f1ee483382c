"""Gymnasium: the videos that its wrappers record are logged to the current run.

    tracklab.init(monitor_gym=True)
    env = gymnasium.wrappers.RecordVideo(env, "videos")

They are the row's `videos`.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab.integrations.hooks import loaded, wrap
from tracklab.media.video import Video
from tracklab.sdk import current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["listening", "monitor"]

_KEY = "videos"
_SB3 = "stable_baselines3"
_undoes: list[Callable[[], None]] = []


def monitor() -> None:
    """Log each video that a `RecordVideo` of Gymnasium writes from now on.

    If Stable-Baselines3 is imported already, each of its `VecVideoRecorder` as well. Calling it
    again does nothing.

    Raises:
        MissingPackageError: Gymnasium is not installed.
    """
    if _undoes:
        return
    wrappers = loaded(
        "gymnasium.wrappers", package="'gymnasium[other]'", wanted_by="monitor_gym=True"
    )
    _undoes.append(wrap(wrappers.RecordVideo, "stop_recording", _logging(_path_of_gymnasium)))
    if _SB3 in sys.modules:
        recorders = loaded(f"{_SB3}.common.vec_env", package=_SB3, wanted_by="monitor_gym=True")
        undo = wrap(recorders.VecVideoRecorder, "_stop_recording", _logging(_path_of_sb3))
        _undoes.append(undo)


@contextmanager
def listening() -> Iterator[None]:
    """Monitor for a while; what is monitored already stays so."""
    if _undoes:
        yield
        return
    monitor()
    try:
        yield
    finally:
        while _undoes:
            _undoes.pop()()


def _logging(
    path_of: Callable[[Any], Path | None],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def make(stop: Callable[..., Any]) -> Callable[..., Any]:
        def stop_and_log(recorder: Any, *args: Any, **kwargs: Any) -> Any:
            path = path_of(recorder)  # afterwards it has forgotten
            result = stop(recorder, *args, **kwargs)
            run = current.run()
            if run is not None and path is not None and path.is_file():
                run.log({_KEY: Video(path)})
            return result

        return stop_and_log

    return make


def _path_of_gymnasium(recorder: Any) -> Path | None:
    name = getattr(recorder, "_video_name", None)
    return Path(recorder.video_folder, f"{name}.mp4") if name else None


def _path_of_sb3(recorder: Any) -> Path | None:
    return Path(recorder.video_path)
