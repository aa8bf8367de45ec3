"""The compiled libraries open, or one sentence says why they do not."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sim.compiled import PREFERENCE, NoLibraryError, loops, opened
from sim.compiled.build import LIBRARIES, Library

every_library = pytest.mark.parametrize("library", LIBRARIES, ids=lambda it: it.module)


@dataclass(frozen=True)
class Elsewhere(Library):
    """A library whose sources and whose file lie in another folder."""

    place: Path = Path()

    @property
    def folder(self) -> Path:
        return self.place


def elsewhere(library: Library, place: Path) -> Library:
    return Elsewhere(library.module, library.main, library.exported, place)


def needs(library: Library) -> None:
    if not library.path().is_file():
        pytest.skip("the libraries were not compiled here")


@every_library
def test_a_library_of_these_sources_opens_and_offers_its_functions(library):
    needs(library)
    functions = opened(library)
    assert functions.peakshift_source() == library.source_number()
    for name in library.exported:
        assert getattr(functions, name)


@every_library
def test_an_installation_without_a_library_says_what_helps(library, tmp_path):
    with pytest.raises(NoLibraryError, match=r"not compiled when peakshift was installed; .* install peakshift anew"):
        opened(elsewhere(library, tmp_path))


@every_library
def test_a_library_of_another_machine_is_refused(library, tmp_path):
    foreign = elsewhere(library, tmp_path)
    foreign.path().write_bytes(b"MZ this is no library of this machine")
    with pytest.raises(NoLibraryError, match="cannot be opened on this machine"):
        opened(foreign)


@every_library
def test_a_library_of_older_sources_is_refused(library, monkeypatch):
    needs(library)
    monkeypatch.setattr(Library, "source_number", lambda self: 1)
    with pytest.raises(NoLibraryError, match="compiled from other sources"):
        opened(library)


@every_library
def test_the_number_of_the_sources_changes_with_a_letter_and_not_with_line_ends(library, tmp_path):
    for path in library.sources():
        shutil.copy(path, tmp_path / path.name)
    copied = elsewhere(library, tmp_path)
    before = copied.source_number()
    assert before == library.source_number()
    first = copied.sources()[0]
    first.write_bytes(first.read_bytes().replace(b"\n", b"\r\n"))
    assert copied.source_number() == before
    first.write_bytes(first.read_bytes() + b" ")
    assert copied.source_number() != before


@every_library
def test_compiled_code_fuses_no_operation(library):
    """No instruction that multiplies and adds with one rounding: Python rounds after each operation."""
    needs(library)
    if shutil.which("objdump") is None:
        pytest.skip("needs objdump")
    text = subprocess.run(
        ["objdump", "--disassemble", "--no-show-raw-insn", library.path()], check=True, capture_output=True, text=True
    ).stdout
    assert len(text.splitlines()) > 10
    instructions = {line.split("\t")[1].split()[0] for line in text.splitlines() if "\t" in line}
    fused = {
        name
        for name in instructions
        if name.startswith(("vfm", "vfnm", "fmadd", "fmsub", "fnmadd", "fnmsub", "fmla", "fmls"))
    }
    assert not fused


@every_library
def test_the_sources_ask_for_no_header_of_python_and_no_function_that_rounds_differently(library):
    text = "\n".join(path.read_text() for path in library.sources())
    assert "Python.h" not in text
    for name in ("exp(", "log(", "pow(", "fma(", "exp2(", "log1p("):
        assert name not in text, name


@every_library
def test_sources_travel_with_the_package(library):
    assert Path(library.folder, library.main) in library.sources()


@every_library
def test_an_older_library_without_a_function_of_these_sources_is_refused_as_older(library, tmp_path):
    """As after new sources came into a checkout, and nobody installed anew."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    old, source = elsewhere(library, tmp_path), tmp_path / "old.c"
    source.write_text("unsigned long long peakshift_source(void) { return 1; }\n", encoding="utf-8")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(old.path()), str(source)], check=True)
    with pytest.raises(NoLibraryError, match="compiled from other sources"):
        opened(old)


def test_loops_in_numpy_are_taken_where_there_is_no_library_or_python_is_preferred(monkeypatch):
    def none(library):
        raise NoLibraryError("it was not compiled")

    monkeypatch.delenv(PREFERENCE, raising=False)
    found = loops.loops.__wrapped__()
    assert found is None or isinstance(found, loops.Loops)
    with monkeypatch.context() as patch:
        patch.setattr(loops, "opened", none)
        assert loops.loops.__wrapped__() is None
    monkeypatch.setenv(PREFERENCE, "simpy")
    assert loops.loops.__wrapped__() is None


def the_loops() -> loops.Loops:
    found = loops.loops()
    if found is None:
        pytest.skip("the libraries were not compiled here, or are not wanted")
    return found


class Interrupted(np.ndarray):
    """An array in whose conversion Ctrl-C falls."""

    @property
    def ctypes(self):
        raise KeyboardInterrupt


def test_ctrl_c_within_a_conversion_arrives_as_it_is():
    ptr, ends, sums = np.array([0, 1]), np.zeros(1), np.zeros(1)
    with pytest.raises(KeyboardInterrupt):
        the_loops().peakshift_stretches_sums(1, ptr, np.array([0]), ends, sums.view(Interrupted))


@pytest.mark.parametrize(
    "sums",
    [
        np.zeros(1, dtype=np.float32),
        np.zeros((2, 2))[:, 0],
        [0.0],
    ],
    ids=["another type", "not in one piece", "no array"],
)
def test_what_the_library_would_read_wrongly_is_refused(sums):
    with pytest.raises(TypeError, match="expected an array of float64 in one piece"):
        the_loops().peakshift_stretches_sums(1, np.array([0, 1]), np.array([0]), np.zeros(1), sums)


def test_a_wrong_number_of_arguments_is_refused():
    with pytest.raises(TypeError, match="arguments"):
        the_loops().peakshift_stretches_sums(1)


def test_a_function_with_its_first_arguments_reads_what_is_in_their_arrays_now():
    """The arrays are kept alive and their addresses once looked at; another type is refused at once."""
    before, cell, price = np.array([0, 0]), np.array([0, 0]), np.array([3.0])
    summed = the_loops().peakshift_stretches_sums.prepared(2, before, cell, price)
    for value in (3.0, 5.0):
        price[0] = value
        total = np.zeros(2)
        summed(total)
        assert total.tolist() == [0.0, value]
    with pytest.raises(TypeError, match="arguments after the first 4"):
        summed()
    with pytest.raises(TypeError, match="expected an array of float64"):
        the_loops().peakshift_stretches_sums.prepared(2, before, cell, price.astype(np.float32))
