"""Frameworks: how they call us. Each module loads its framework only when it is used."""
