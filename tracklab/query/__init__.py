"""What the answer is: local files or another engine, one protocol."""
