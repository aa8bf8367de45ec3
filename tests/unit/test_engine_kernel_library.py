"""The library of the compiled engine opens, or one sentence says why it does not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sim.engine.kernel import NoKernelError, build
from sim.engine.kernel.library import opened


def test_a_library_of_these_sources_opens():
    if not build.library().is_file():
        pytest.skip("the compiled engine was not compiled here")
    assert opened().functions.peakshift_source() == build.source_number()


def test_an_installation_without_a_library_says_what_helps(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "library", lambda: tmp_path / "_kernel.so")
    with pytest.raises(NoKernelError, match=r"not compiled when peakshift was installed; .* install peakshift anew"):
        opened()


def test_a_library_of_another_machine_is_refused(monkeypatch, tmp_path):
    foreign = tmp_path / "_kernel.so"
    foreign.write_bytes(b"MZ this is no library of this machine")
    monkeypatch.setattr(build, "library", lambda: foreign)
    with pytest.raises(NoKernelError, match="cannot be opened on this machine"):
        opened()


def test_a_library_of_older_sources_is_refused(monkeypatch):
    if not build.library().is_file():
        pytest.skip("the compiled engine was not compiled here")
    monkeypatch.setattr(build, "source_number", lambda: 1)
    with pytest.raises(NoKernelError, match="compiled from other sources"):
        opened()


def test_the_number_of_the_sources_changes_with_a_letter_and_not_with_line_ends(monkeypatch, tmp_path):
    for path in build.sources():
        shutil.copy(path, tmp_path / path.name)
    monkeypatch.setattr(build, "FOLDER", tmp_path)
    before = build.source_number()
    first = build.sources()[0]
    first.write_bytes(first.read_bytes().replace(b"\n", b"\r\n"))
    assert build.source_number() == before
    first.write_bytes(first.read_bytes() + b" ")
    assert build.source_number() != before


def test_compiled_code_fuses_no_operation():
    """No instruction that multiplies and adds with one rounding: Python rounds after each operation."""
    if not build.library().is_file() or shutil.which("objdump") is None:
        pytest.skip("needs the compiled engine and objdump")
    text = subprocess.run(
        ["objdump", "--disassemble", "--no-show-raw-insn", build.library()], check=True, capture_output=True, text=True
    ).stdout
    assert len(text.splitlines()) > 10
    instructions = {line.split("\t")[1].split()[0] for line in text.splitlines() if "\t" in line}
    fused = {
        name
        for name in instructions
        if name.startswith(("vfm", "vfnm", "fmadd", "fmsub", "fnmadd", "fnmsub", "fmla", "fmls"))
    }
    assert not fused


def test_the_sources_ask_for_no_header_of_python_and_no_function_that_rounds_differently():
    text = "\n".join(path.read_text() for path in build.sources())
    assert "Python.h" not in text
    for name in ("exp(", "log(", "pow(", "fma(", "exp2(", "log1p("):
        assert name not in text, name


def test_sources_travel_with_the_package():
    assert Path(build.FOLDER, "kernel.c") in build.sources()


def test_an_older_library_without_a_function_of_these_sources_is_refused_as_older(monkeypatch, tmp_path):
    """As after new sources came into a checkout, and nobody installed anew."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    source, library = tmp_path / "old.c", tmp_path / "_kernel.so"
    source.write_text("unsigned long long peakshift_source(void) { return 1; }\n", encoding="utf-8")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    monkeypatch.setattr(build, "library", lambda: library)
    with pytest.raises(NoKernelError, match="compiled from other sources"):
        opened()
