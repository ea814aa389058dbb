"""The drawing program is the published one, byte for byte, each part under its licence."""

import hashlib
from importlib import resources

import pytest

from reports.outputs.runtime import scripts, vendored

VENDOR = resources.files("reports") / "static" / "vendor"


@pytest.mark.parametrize("entry", vendored(), ids=lambda entry: entry["package"])
def test_checksum_and_licence(entry):
    program = (VENDOR / entry["file"]).read_bytes()
    assert hashlib.sha256(program).hexdigest() == entry["sha256"]
    for name in entry["licence_files"]:
        assert "Copyright" in (VENDOR / name).read_text(encoding="utf-8")


def test_nothing_else_lies_there():
    expected = {name for entry in vendored() for name in (entry["file"], *entry["licence_files"])}
    assert {path.name for path in VENDOR.iterdir()} == expected | {"vendor.json"}


def test_scripts_carry_their_licences_and_no_module_statements():
    for script, entry in zip(scripts(), vendored(), strict=True):
        assert script.startswith(f"/*! {entry['package']} {entry['version']}\nCopyright")
        assert "</script" not in script.lower()
        assert "sourceMappingURL" not in script
    assert not any(line.startswith(("import ", "export ")) for line in scripts()[-1].splitlines())
