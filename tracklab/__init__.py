"""TrackLab: structured logging, experiment tracking and monitoring in plain files."""

__version__ = "0.1.0"
