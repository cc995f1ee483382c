"""One module per subject: each maps addresses and parameters onto a question, nothing more.

These modules evaluate their annotations at import, because the framework reads them.
"""
