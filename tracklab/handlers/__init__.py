"""Through which logging door records reach a segment.

Three doors lead to the same line: the SDK, the standard library's `logging` with
`SegmentHandler`, and structlog with `tracklab.handlers.structlog`.
`tracklab.handlers.jsonlogger` gives that line to any other handler.
"""

from tracklab.handlers.segment import SegmentHandler

__all__ = ["SegmentHandler"]
