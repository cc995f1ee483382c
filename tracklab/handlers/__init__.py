"""Through which logging door records reach a segment."""
