"""The command line: thin commands, each a few calls of the packages below."""

from mlestim.cli.program import main

__all__ = ["main"]
