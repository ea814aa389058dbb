"""Arrays and their description in one file: written whole or not at all, and read with a check.

The file is safetensors, which holds numbers and no programs. Its metadata is one JSON text and the
checksum of everything in the file. The same arrays and metadata make the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from mlestim.errors import ModelFileError

Arrays = Mapping[str, NDArray[Any]]


def write_arrays(
    path: str | os.PathLike[str], arrays: Arrays, metadata: Mapping[str, Any] | None = None
) -> None:
    """Write arrays and what is to be known of them into one safetensors file.

    The file is written beside its place and moved there when it is whole and on the disk: whatever
    happens meanwhile, there is the old file or the new one, never a part.

    Parameters
    ----------
    path : path
        Where to; an existing file is replaced.
    arrays : mapping of str to array
        Numbers of any shape.
    metadata : mapping, optional
        What JSON can hold.

    Raises
    ------
    ModelFileError
        If nothing can be written there: a folder has this name, or there is none to hold it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "model.safetensors"
    >>> write_arrays(path, {"W": np.eye(2)}, {"classes": ["no", "yes"]})
    >>> arrays, metadata = read_arrays(path)
    >>> arrays["W"].tolist(), metadata
    ([[1.0, 0.0], [0.0, 1.0]], {'classes': ['no', 'yes']})
    """
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    text = json.dumps(dict(metadata or {}), allow_nan=False)
    content = save(ordered, {"content": text, "sha256": _checksum(ordered, text)})
    replace_file(Path(path), _with_sorted_header(content))


def read_arrays(path: str | os.PathLike[str]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Read what `write_arrays` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModelFileError
        If it is truncated, altered or of another format, or a folder.
    """
    if Path(path).is_dir():
        raise ModelFileError(f"{path} is a folder. Name a file in it.")
    if not Path(path).is_file() and Path(path).exists():
        raise ModelFileError(f"{path} is a device or a stream, and no file.")
    content = Path(path).read_bytes()
    try:
        arrays = load(content)
        header, _ = _header(content)
        description = header["__metadata__"]
        text, claimed = description["content"], description["sha256"]
        metadata = json.loads(text)
    # KeyError, also of kinds of numbers that NumPy lacks
    except (SafetensorError, KeyError, ValueError, RecursionError) as error:
        raise ModelFileError(
            f"{path} is no model file, or was cut off: {error!r}. Write it again."
        ) from error
    if claimed != _checksum(arrays, text) or not isinstance(metadata, dict):
        raise ModelFileError(
            f"{path} was altered after it was written: its checksum does not fit. Write it again."
        )
    return arrays, metadata


def check_place(path: Path) -> None:
    """See that a file can be put at `path`.

    Raises
    ------
    ModelFileError
        If a folder has this name, or there is none to hold it.
    """
    if path.is_dir():
        raise ModelFileError(f"{path} is a folder. Name a file in it.")
    if not path.parent.is_dir():
        raise ModelFileError(f"there is no folder {path.parent} to write {path.name} into")


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step, so that nobody ever sees a part of it."""
    check_place(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _header(content: bytes) -> tuple[dict[str, Any], int]:
    """Give the header of a safetensors file, and the place where the numbers begin."""
    end = 8 + int.from_bytes(content[:8], "little")
    return json.loads(content[8:end]), end


def _with_sorted_header(content: bytes) -> bytes:
    """Give the same file with one order of its metadata, which safetensors leaves to chance."""
    header, end = _header(content)
    text = json.dumps(header, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    # Numbers begin at a multiple of 8, and spaces fill the place before.
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[end:]


def _checksum(arrays: Arrays, text: str) -> str:
    """SHA-256 of the metadata, and of the names, types, shapes and values of all arrays."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(json.dumps([name, array.dtype.str, array.shape]).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
