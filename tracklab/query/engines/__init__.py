"""Engines that answer the named queries."""
