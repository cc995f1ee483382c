"""What one line means: every field once, with its type, unit and stability."""
