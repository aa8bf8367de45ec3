"""The two steps of packaging that setup.cfg cannot express: data folders in the wheel, and compiled libraries.

All metadata is in setup.cfg. scenarios/ and networks/ lie beside the package, where people edit them; in a wheel
they belong inside it, where `sim.locations` looks for them first. Scripts that build a network stay out.

The libraries in C know nothing of Python: no header of Python is needed, and one file serves every version of it.
Where they cannot be compiled the installation succeeds without them.
"""

from __future__ import annotations

import os
import runpy
import shutil
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
DATA_FOLDERS = ("scenarios", "networks")
PLACE_IN_PACKAGE = Path("sim", "bundled")
# No fused multiply-add: what is compiled has to round as Python does, after each operation.
COMPILER_FLAGS = ["/O2", "/fp:precise"] if os.name == "nt" else ["-O2", "-g0", "-ffp-contract=off", "-fno-fast-math"]
# The inner loops go over columns beside each other, several of which fit into one register; a root is one instruction
# where no error number is asked for.
WIDER_FLAGS = {"sim.compiled.loops._loops": [] if os.name == "nt" else ["-O3", "-fno-math-errno"]}


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


class BuildLibraries(build_ext):
    """Compile the libraries; without a compiler that works, go on without them."""

    def build_extension(self, ext: Extension) -> None:
        try:
            super().build_extension(ext)
        except Exception as error:
            # Whatever a compiler or its absence raises: there is a program in Python that does the same, only slower.
            Path(self.get_ext_fullpath(ext.name)).unlink(missing_ok=True)
            self.warn(f"{ext.name} is left out, peakshift works without it: {error}")

    def get_ext_filename(self, fullname: str) -> str:
        return str(Path(*fullname.split("."))) + BUILD["SUFFIX"]

    def get_export_symbols(self, ext: Extension) -> list[str]:
        return [name for library in BUILD["LIBRARIES"] if library.module == ext.name for name in library.exported]

    def get_libraries(self, ext: Extension) -> list[str]:
        return []  # not even that of Python

    def is_built(self) -> bool:
        return any(Path(self.get_ext_fullpath(ext.name)).is_file() for ext in self.extensions)


class WheelOfAnyPython(bdist_wheel):
    """Name the platform in the wheel's name only where the library was compiled, and no version of Python."""

    def get_tag(self) -> tuple[str, str, str]:
        self.root_is_pure = not self.get_finalized_command("build_ext").is_built()
        return self.python_tag, "none", super().get_tag()[2]


BUILD = runpy.run_path(str(ROOT / "sim" / "compiled" / "build.py"))
setup(
    cmdclass={"build_py": BuildWithData, "build_ext": BuildLibraries, "bdist_wheel": WheelOfAnyPython},
    ext_modules=[
        Extension(
            library.module,
            sources=[str((library.folder / library.main).relative_to(ROOT))],
            depends=[str(path.relative_to(ROOT)) for path in library.sources()],
            define_macros=[("PEAKSHIFT_SOURCE", f"{library.source_number()}ULL")],
            extra_compile_args=COMPILER_FLAGS + WIDER_FLAGS.get(library.module, []),
            optional=True,
        )
        for library in BUILD["LIBRARIES"]
    ],
)
