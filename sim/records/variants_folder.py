"""The folder of a comparison of variants: what is said of all, and the run folder of each.

`manifest.json`, `summary.json`, `results.csv` and `report.html` lie beside `variants/NAME/`, ordinary folders of
comparisons, and `scenarios/NAME.yaml`, by which each can be simulated again. It is written whole or not at all, as a
run folder is (`sim.records.folder`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from sim.errors import RunFolderError
from sim.records.folder import FORMAT, json_text
from sim.records.parts_folder import PART_FACTS, PARTS_SUFFIX
from sim.records.refused import not_written
from sim.scratch import clear_scratch, real_place, scratch_name

KIND: Final = "variants"
"""`kind` of the manifest, and the folder in which those of the variants lie."""

SCENARIOS: Final = "scenarios"
"""Folder with the scenario file of each variant, where files can hold them."""

_MANIFEST, _SUMMARY, _RESULTS, _REPORT = "manifest.json", "summary.json", "results.csv", "report.html"


@dataclass(frozen=True)
class VariantsFolder:
    """Where a comparison of variants goes, and where its work is kept until all of it is done.

    Attributes
    ----------
    target : Path
    """

    target: Path

    @classmethod
    def at(cls, path: Path) -> Self:
        """Take a place, after putting back a comparison that a process was replacing when it was killed."""
        place = cls(real_place(path))
        if place._older.is_dir() and not place.target.exists():
            place._older.replace(place.target)
        return place

    @property
    def _older(self) -> Path:
        return self.work / "older"

    @property
    def work(self) -> Path:
        """Folder beside the target in which finished replications and run folders are kept meanwhile."""
        return self.target.with_name(f".{self.target.name}.{KIND}")

    def is_work_kept(self) -> bool:
        """Tell whether a finished replication or run folder of some variant lies there."""
        made = self.work / KIND
        return any(made.glob(f"*/{_MANIFEST}")) or any(made.glob(f".*{PARTS_SUFFIX}/*/{PART_FACTS}"))

    def of_variant(self, name: str) -> Path:
        """Return where the run folder of a variant is made."""
        return self.work / KIND / name

    def write(
        self,
        names: Sequence[str],
        texts: tuple[Mapping[str, Any], Mapping[str, Any], str, str],
        scenarios: Mapping[str, str],
    ) -> None:
        """Put the run folders of all variants and what is said of them where they belong.

        Parameters
        ----------
        names : sequence of str
            Variants whose run folders are in `of_variant`.
        texts : tuple
            Manifest, summary, results as CSV and report.
        scenarios : mapping of str to str
            By variant the text of a scenario file.

        Raises
        ------
        RunFolderError
            When the disk refuses, or the target holds something else.
        """
        check_variants_folder(self.target)
        manifest, summary, results_csv, report_html = texts
        whole = self.work / f".{scratch_name()}"
        try:
            clear_scratch(self.work, ".")
            shutil.rmtree(self._older, ignore_errors=True)
            (whole / KIND).mkdir(parents=True)
            files = {
                _MANIFEST: json_text({**manifest, "format": FORMAT}),
                _SUMMARY: json_text(summary),
                _RESULTS: results_csv,
                _REPORT: report_html,
            }
            for name, text in files.items():
                (whole / name).write_text(text, encoding="utf-8")
            for name, text in scenarios.items():
                (whole / SCENARIOS).mkdir(exist_ok=True)
                (whole / SCENARIOS / f"{name}.yaml").write_text(text, encoding="utf-8")
            for name in names:
                self.of_variant(name).replace(whole / KIND / name)
            if self.target.exists():
                self.target.replace(self._older)
            whole.replace(self.target)
        except OSError as error:
            raise not_written(self.target, error) from error
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
    strange = sorted(found - {_MANIFEST, _SUMMARY, _RESULTS, _REPORT, KIND, SCENARIOS})
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
