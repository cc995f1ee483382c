"""Which trial is next, and whose is it? Sweeps over parameters, from files, without a server."""
