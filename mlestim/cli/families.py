"""`mlestim families`."""

from __future__ import annotations

import click

from mlestim.cli.options import form_options
from mlestim.cli.output import Column, print_records, print_table


@click.command("families")
@form_options
def families(form: str | None) -> None:
    """List the distribution families."""
    from mlestim.catalogue import families as catalogue

    table = catalogue().reset_index()
    if form:
        print_records(table, form)
        return
    shown = ("name", "parameters", "support", "kind", "method")
    spare = {"method": 2, "kind": 1}
    print_table([Column(name, list(table[name]), spare=spare.get(name, 0)) for name in shown])
