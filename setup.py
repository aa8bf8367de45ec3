"""The one step of packaging that setup.cfg cannot express: scenarios/ and networks/ travel in the wheel.

All metadata is in setup.cfg. The two folders lie beside the package, where people edit them; in a wheel they
belong inside it, where `sim.locations` looks for them first. Scripts that build a network stay out.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
DATA_FOLDERS = ("scenarios", "networks")
PLACE_IN_PACKAGE = Path("sim", "bundled")


class BuildWithData(build_py):
    """Copy the data folders into the built package, and name them among its sources and outputs."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        shutil.rmtree(Path(self.build_lib, PLACE_IN_PACKAGE), ignore_errors=True)
        for built, source in self.data_mapping().items():
            Path(built).parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(source, built)

    def data_mapping(self) -> dict[str, str]:
        """Return built path -> source path, relative to the project, for every data file."""
        sources = [
            path.relative_to(ROOT)
            for folder in DATA_FOLDERS
            for path in sorted((ROOT / folder).rglob("*"))
            if path.is_file() and path.suffix != ".py" and not path.name.startswith(".")
        ]
        return {str(Path(self.build_lib, PLACE_IN_PACKAGE, source)): str(source) for source in sources}

    def get_source_files(self) -> list[str]:
        return [*super().get_source_files(), *self.data_mapping().values()]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        outputs: list[str] = list(super().get_outputs(include_bytecode))
        return outputs if self.editable_mode else [*outputs, *self.data_mapping()]


setup(cmdclass={"build_py": BuildWithData})
