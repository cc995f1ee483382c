"""SQL over runs: read-only, in a process of its own, over tables of what was asked for."""
