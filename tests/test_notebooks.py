"""The notebooks: committed without outputs, in both languages, on the public API alone; each runs to its end, offline."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import autocorrect_py
import nbformat
import pytest
from matplotlib.ft2font import FT2Font
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

import probes
import reports
from reports.fonts import FILE

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NAMES = ("drift", "enforcement", "explore")
ALLOWED = {"dataclasses", "datetime", "matplotlib", "pandas", "pathlib", "probes", "reports"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")

OFFLINE = """
import sys

def _refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise PermissionError(f"a notebook asked for the network: {arguments}")

sys.addaudithook(_refuse)
"""


def read(name: str) -> Any:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def texts(name: str) -> list[str]:
    """The text cells, without the code in them."""
    return [re.sub(r"(?s)```.*?```", "", cell.source) for cell in read(name).cells if cell.cell_type == "markdown"]


def test_these_are_the_notebooks() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_a_run_left_is_committed(name: str) -> None:
    notebook = read(name)
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    for cell in notebook.cells:
        assert cell.metadata == {}
        assert cell.get("attachments") is None
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None), cell.id


@pytest.mark.parametrize("name", NAMES)
def test_only_the_public_api_is_used(name: str) -> None:
    tree = ast.parse("\n".join(cell.source for cell in read(name).cells if cell.cell_type == "code"))
    imported = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {each.partition(".")[0] for each in imported} <= ALLOWED
    assert not {each for each in imported if each.startswith(("probes.", "reports."))}
    used = [(node.value.id, node.attr) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    assert {attribute for module, attribute in used if module == "probes"} <= set(probes.__all__)
    assert {attribute for module, attribute in used if module == "reports"} <= set(reports.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_stands_in_english_and_in_chinese_as_its_readers_write(name: str) -> None:
    for text in texts(name):
        prose = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert [bool(CHINESE.search(line)) for line in prose] == [False, True], text
        assert autocorrect_py.format(prose[1]) == prose[1]
        assert all(CHINESE.search(line) and re.search("[a-z]", line) for line in text.splitlines() if line.startswith("#")), text


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_of_a_plot_is_in_the_font_that_comes_along(name: str) -> None:
    known = FT2Font(str(FILE)).get_charmap()
    for cell in read(name).cells:
        if cell.cell_type == "code":
            assert {letter for letter in cell.source if ord(letter) > 0xFF and ord(letter) not in known} == set()


def files() -> dict[Path, tuple[int, int]]:
    """What the record consists of, by size and time of change."""
    found = [path for folder in ("cassettes", "reports") for path in (FOLDER.parent / folder).rglob("*") if path.suffix != ".pyc"]
    found += [FOLDER.parent / "capabilities.yaml", *FOLDER.glob("*.ipynb")]
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in found if path.is_file()}


@pytest.fixture
def execute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[str]], list[Any]]]:
    """Run code cells one after the other in a kernel of their own, without anybody's own settings; returns what came out."""
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    with TemporaryDirectory(prefix="kc") as folder:  # short: a socket's name has room for some hundred letters

        def run(sources: list[str]) -> list[Any]:
            notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
            client = NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}})
            manager = client.create_kernel_manager()
            manager.transport, manager.ip = "ipc", f"{folder}/k"
            client.execute()
            return [output for cell in notebook.cells for output in cell.outputs]

        yield run


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.timeout(120)
def test_a_notebook_runs_to_its_end_offline_without_a_warning_and_changes_nothing(
    name: str, execute: Callable[[list[str]], list[Any]]
) -> None:
    before = files()
    outputs = execute([OFFLINE, *(cell.source for cell in read(name).cells if cell.cell_type == "code")])
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert files() == before


def test_a_notebook_that_asks_for_the_network_is_stopped(execute: Callable[[list[str]], list[Any]]) -> None:
    with pytest.raises(CellExecutionError, match="asked for the network"):
        execute([OFFLINE, "import urllib.request\nurllib.request.urlopen('http://203.0.113.1/')"])
