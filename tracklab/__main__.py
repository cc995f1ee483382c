"""`python -m tracklab`: the command line."""

from tracklab.cli.main import main

main(prog_name="tracklab")
