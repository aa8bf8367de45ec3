"""The folder of a comparison of variants: what is said of all, and the run folder of each.

`manifest.json`, `summary.json`, `results.csv` and `report.html` lie beside `variants/NAME/`, ordinary folders of
comparisons. It is written whole or not at all, as a run folder is (`sim.records.folder`).
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.errors import RunFolderError
from sim.records.folder import FORMAT, json_ready

KIND: Final = "variants"
"""`kind` of the manifest, and the folder in which those of the variants lie."""

_MANIFEST, _SUMMARY, _RESULTS, _REPORT = "manifest.json", "summary.json", "results.csv", "report.html"


@dataclass(frozen=True)
class VariantsFolder:
    """Where a comparison of variants goes, and where its work is kept until all of it is done.

    Attributes
    ----------
    target : Path
    """

    target: Path

    @property
    def work(self) -> Path:
        """Folder beside the target in which finished replications and run folders are kept meanwhile."""
        return self.target.absolute().with_name(f".{self.target.name}.{KIND}")

    def of_variant(self, name: str) -> Path:
        """Return where the run folder of a variant is made."""
        return self.work / KIND / name

    def write(self, names: Sequence[str], texts: tuple[Mapping[str, Any], Mapping[str, Any], str, str]) -> None:
        """Put the run folders of all variants and what is said of them where they belong.

        Parameters
        ----------
        names : sequence of str
            Variants whose run folders are in `of_variant`.
        texts : tuple
            Manifest, summary, results as CSV and report.

        Raises
        ------
        RunFolderError
            When the disk refuses, or the target holds something else.
        """
        check_variants_folder(self.target)
        manifest, summary, results_csv, report_html = texts
        whole, older = self.work / f".{uuid.uuid4().hex[:12]}", self.work / "older"
        try:
            (whole / KIND).mkdir(parents=True)
            files = {
                _MANIFEST: _json_text({**manifest, "format": FORMAT}),
                _SUMMARY: _json_text(summary),
                _RESULTS: results_csv,
                _REPORT: report_html,
            }
            for name, text in files.items():
                (whole / name).write_text(text, encoding="utf-8")
            for name in names:
                self.of_variant(name).replace(whole / KIND / name)
            if self.target.exists():
                self.target.replace(older)
            whole.replace(self.target)
        except OSError as error:
            raise RunFolderError(f"{self.target}: cannot be written: {error.strerror or error}") from error
        shutil.rmtree(self.work, ignore_errors=True)


def check_variants_folder(path: Path) -> None:
    """Make sure that a comparison of variants may be written there, before hours of work go into it.

    Raises
    ------
    RunFolderError
        When the path holds something else.
    """
    if not path.exists():
        return
    if not path.is_dir():
        raise RunFolderError(f"{path}: is a file; a comparison of variants needs a folder of its own")
    found = {entry.name for entry in path.iterdir()}
    strange = sorted(found - {_MANIFEST, _SUMMARY, _RESULTS, _REPORT, KIND})
    if strange or (found and KIND not in found):
        what = f"holds {strange[0]}" if strange else f"has no {KIND}/"
        raise RunFolderError(
            f"{path}: exists and {what}, so it is not only a comparison of variants and is not replaced; "
            "name another folder"
        )


def is_variants_folder(path: Path) -> bool:
    """Tell whether a folder is that of a comparison of variants."""
    return (path / KIND).is_dir() and (path / _MANIFEST).is_file()


def read_variants_folder(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return manifest and summary.

    Raises
    ------
    RunFolderError
        When they cannot be read.
    """
    try:
        manifest, summary = (json.loads((path / name).read_text(encoding="utf-8")) for name in (_MANIFEST, _SUMMARY))
    except (OSError, ValueError) as error:
        raise RunFolderError(f"{path}: cannot be read: {error}") from error
    return manifest, summary


def _json_text(value: Mapping[str, Any]) -> str:
    return json.dumps(json_ready(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
