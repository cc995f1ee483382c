"""Where in the files is it? What was read once is found again without reading it anew.

Everything here is disposable: deleting it, damaging it or racing it changes how long an answer
takes and never the answer.
"""
