"""A report as a file: the suffix chooses the output, and a file is either complete or absent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from mlestim.errors import OptionError
from reports.model import Report

_RENDERERS: dict[str, Callable[[Report], str]] = {
    ".html": Report.to_html,
    ".md": Report.to_markdown,
    ".json": Report.to_json,
}


def write(report: Report, path: str | os.PathLike[str], force: bool = False) -> Path:
    """Write a report to a file whose suffix says in which form.

    Parameters
    ----------
    report
        What :func:`reports.build` returned.
    path
        The file to write: ``.html``, ``.md`` or ``.json``.
    force
        Replace a file that exists.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    OptionError
        If the suffix is not supported, the folder does not exist, or the file exists and
        ``force`` is not given.
    """
    target = Path(path)
    renderer = _RENDERERS.get(target.suffix.lower())
    if renderer is None:
        raise OptionError(
            f"{target}: no report can be written with the suffix '{target.suffix}'; "
            f"use one of {', '.join(_RENDERERS)}"
        )
    if not target.parent.is_dir():
        raise OptionError(f"there is no folder {target.parent} to write {target.name} into")
    if not force:
        _check_absent(target)
    text = renderer(report)
    _write_whole(target, text.encode(), force=force)
    return target


def _check_absent(target: Path) -> None:
    if target.exists():
        raise OptionError(
            f"{target} exists and was kept; pass force=True to replace it, or choose another name"
        )


def _write_whole(target: Path, content: bytes, *, force: bool) -> None:
    """Write beside the target, then put the complete file in its place in one step."""
    try:
        _write_beside(target, content, force=force)
    except OSError as error:  # which names the file beside the target, or none
        raise OSError(error.errno, error.strerror, str(target)) from error


def _write_beside(target: Path, content: bytes, *, force: bool) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        if not force:
            _check_absent(target)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    # The only way to read the mask is to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
