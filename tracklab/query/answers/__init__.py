"""What a question gets: the shapes of all answers, one module for each subject.

Field names and units are those of the HTTP API, so that a route only passes results on:
`plain` turns any of them into what JSON can say. Times are RFC 3339 text; a chart's x on a
time axis is epoch seconds. A run is named by its *address*: `project/run_id`, or `run_id`
alone where that is unique. `coverage` (0 to 1) is the share of the asked range that was read.
"""
