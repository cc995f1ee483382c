"""What was asked and answered: recorded only when the run says so, and never past the hook.

The setting `record_llm_content` is off by default. Where it is on, `redact_llm_content(hook)`
sees every text before it is written: what the hook returns is written, and where it raises, a
marker is, never the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from tracklab.errors import ArgumentTypeError
from tracklab.records.encode import encode_object, unserialisable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.sdk.run import Run

__all__ = [
    "code_of",
    "error_text",
    "is_recorded",
    "recordable",
    "redact_llm_content",
    "summary_of",
]

_ERROR_MAX_CHARS = 2_000
#: A code is a name that a provider chose, such as `context_length_exceeded`; no words of a user.
_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,63}", re.ASCII | re.IGNORECASE)

_hook: Callable[[str], str | None] | None = None


def redact_llm_content(hook: Callable[[str], str | None] | None) -> None:
    """Let `hook` see every text of LLM calls before it is written, for the whole process.

        tracklab.redact_llm_content(lambda text: EMAIL.sub("[email]", text))

    Texts are requests, responses and tool arguments, each string in them by itself, and the
    messages of errors, which without contents are but type, HTTP status and code.

    Args:
        hook: gets a text and returns what is written instead; None leaves the text out. A hook
            that raises leaves a marker with the type of its exception. None instead of a hook
            removes the one there is.

    Raises:
        ArgumentTypeError: `hook` cannot be called.
    """
    global _hook  # noqa: PLW0603 - the one hook of the process is what this function sets
    if hook is not None and not callable(hook):
        raise ArgumentTypeError(
            f"redact_llm_content() takes a function or None; got {type(hook).__name__}. "
            "Write redact_llm_content(lambda text: text.replace(secret, '***'))."
        )
    _hook = hook


def is_recorded(run: Run | None) -> bool:
    """Return whether contents of LLM calls are recorded in `run`."""
    return run is not None and run.settings.record_llm_content


def recordable(value: Any) -> Any:
    """Return `value` as it may be written: plain JSON, every text of it seen by the hook."""
    # The hook must see what the encoder would make of objects, so encoding comes first.
    plain = orjson.loads(encode_object({"value": _dumped(value, 0)}))["value"]
    return plain if _hook is None else _redacted(plain, _hook)


def error_text(text: str) -> str:
    """Return the message of an error as it may be written: errors like to quote their input."""
    found = text if _hook is None else _seen(text, _hook)
    return (found if isinstance(found, str) else "[redaction failed]")[:_ERROR_MAX_CHARS]


def code_of(error: BaseException) -> str | None:
    """Return the short code that an exception of a client carries, such as `rate_limit`."""
    for name in ("code", "type"):
        found = getattr(error, name, None)
        if isinstance(found, str) and _CODE.fullmatch(found):
            return found
    return None


def summary_of(kind: str, status: int | None, code: str | None) -> str:
    """Return what is written of an error without contents: type, HTTP status and code."""
    return " ".join(str(part) for part in (kind, status, code) if part is not None)


def _redacted(value: Any, hook: Callable[[str], str | None]) -> Any:
    if isinstance(value, str):
        return _seen(value, hook)
    if isinstance(value, list):
        return [_redacted(one, hook) for one in value]
    if isinstance(value, dict):
        return {name: _redacted(one, hook) for name, one in value.items()}
    return value


def _seen(text: str, hook: Callable[[str], str | None]) -> Any:
    try:
        found: Any = hook(text)
    except Exception as error:  # noqa: BLE001 - a user's hook may raise anything, and the text must not get out
        return {"_error": "redaction failed", "type": type(error).__qualname__}
    if found is None or isinstance(found, str):
        return found
    return {"_error": "redaction returned no text", "type": type(found).__qualname__}


def _dumped(value: Any, depth: int) -> Any:
    """Return the messages of client libraries, which are models of pydantic, as dicts."""
    if depth > 8:  # noqa: PLR2004 - deeper than any message is nested
        return value
    if isinstance(value, list | tuple):
        return [_dumped(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {name: _dumped(one, depth + 1) for name, one in value.items()}
    dump = getattr(value, "model_dump", None)
    if not callable(dump) or isinstance(value, type):
        return value
    try:
        return dump(mode="json", exclude_none=True)
    except Exception:  # noqa: BLE001 - a model's own methods may raise anything
        return unserialisable(value)
