"""Files of arrays come back as they were, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from mlestim.errors import ModelFileError
from nn import storage
from nn.storage import read_arrays, write_arrays

ARRAYS = {
    "weights": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3),
    "transposed": np.arange(6.0).reshape(2, 3).T,
    "step": np.array(7),
    "none": np.empty((0, 4)),
    "flags": np.array([True, False]),
}
METADATA = {"classes": ["ja", "nein"], "größe": {"n": 3}, "nothing": None}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    write_arrays(path, ARRAYS, METADATA)
    return path


def test_arrays_and_metadata_come_back(path: Path) -> None:
    arrays, metadata = read_arrays(path)
    assert metadata == METADATA
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)


def test_the_same_content_makes_the_same_bytes(path: Path) -> None:
    content = path.read_bytes()
    for _ in range(20):
        write_arrays(path, ARRAYS, METADATA)
        assert path.read_bytes() == content


def test_other_programs_read_the_arrays(path: Path) -> None:
    for name, array in load(path.read_bytes()).items():
        np.testing.assert_array_equal(array, ARRAYS[name])


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device")
def test_a_device_is_no_file() -> None:
    with pytest.raises(ModelFileError, match="device"):
        read_arrays("/dev/zero")


def test_what_was_read_can_be_changed(path: Path) -> None:
    arrays, _ = read_arrays(path)
    arrays["weights"][:] = 0


def test_every_cut_is_noticed(path: Path) -> None:
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(ModelFileError):
            read_arrays(path)


def test_every_changed_byte_is_noticed(path: Path) -> None:
    content = path.read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        try:
            arrays, metadata = read_arrays(path)
        except ModelFileError:
            continue
        # blanks that pad the header say nothing
        assert metadata == METADATA
        assert all(np.array_equal(arrays[name], ARRAYS[name]) for name in ARRAYS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 a zip",
        b"\xff" * 64,
        b"\x80\x04\x95 a pickle" * 9,
        save({"W": np.eye(2)}),
        save({"W": np.eye(2)}, {"content": "[" * 100_000, "sha256": "0"}),
        (2).to_bytes(8, "little") + b"[]",
    ],
    ids=["empty", "zip", "huge header", "pickle", "no metadata", "deep nesting", "a list"],
)
def test_other_files_are_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="no model file"):
        read_arrays(path)


def test_a_promise_of_huge_arrays_takes_no_memory(path: Path) -> None:
    header = json.dumps({"W": {"dtype": "F64", "shape": [1 << 40], "data_offsets": [0, 1 << 43]}})
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode())
    with pytest.raises(ModelFileError):
        read_arrays(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_arrays(tmp_path / "none")


def test_there_has_to_be_a_place_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"there is no folder .*none to write model into"):
        write_arrays(tmp_path / "none" / "model", ARRAYS)
    for use in (lambda: write_arrays(tmp_path, ARRAYS), lambda: read_arrays(tmp_path)):
        with pytest.raises(ModelFileError, match=f"{tmp_path} is a folder"):
            use()


def test_a_failed_write_leaves_the_old_file_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_arrays(path, {"weights": np.zeros(2)})
    assert read_arrays(path)[1] == METADATA
    assert list(path.parent.iterdir()) == [path]
