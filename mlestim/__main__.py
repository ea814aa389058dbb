"""`python -m mlestim`: the command line."""

from mlestim.cli import main

main(prog_name="python -m mlestim")
