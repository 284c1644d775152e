"""Promises about the repository itself: its layout, its public names, its start-up, and what may never be committed."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

import probes
import reports
from probes.claims import Claims

TOP_LEVEL = {
    "pyproject.toml", "README.md", "README.zh-CN.md", "probes", "reports", "notebooks", "tests", "cassettes", "capabilities.yaml",
    "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md",
}  # fmt: skip
HOSTS = re.compile(r"py" r"pi\.org|python" r"hosted\.org|registry\.npm" r"js\.org|deb\.deb" r"ian\.org|/wo" r"rk/(main|shared)")


def tracked(checkout: Path) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=checkout, capture_output=True, text=True, check=True)
    return [checkout / name for name in listed.stdout.splitlines() if (checkout / name).is_file()]


def test_nothing_stands_at_the_top_level_beside_the_agreed_layout(checkout: Path) -> None:
    names = {path.relative_to(checkout).parts[0] for path in tracked(checkout)}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_no_committed_file_names_a_package_registrys_host_or_a_path_of_a_machine(checkout: Path) -> None:
    found = []
    for path in tracked(checkout):
        text = path.read_bytes().decode("utf-8", "ignore")
        found += [f"{path.relative_to(checkout)}: {hit[0]}" for hit in HOSTS.finditer(text)]
    assert found == []


def test_no_code_or_template_names_a_provider(checkout: Path, real_claims: Claims) -> None:
    """A new provider is one entry in capabilities.yaml and at most one file in probes/providers/; nothing else knows providers by name."""
    names = re.compile(rf"\b({'|'.join(real_claims.providers)})\b(?!-)")
    found = []
    for folder in ("probes", "reports"):
        for path in (checkout / folder).rglob("*"):
            if path.suffix in {".py", ".jinja", ".css", ".js"} and not {"providers", "lab", "latest"} & set(path.parts):
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                    hit = names.search(line)
                    # Readers of contracts are named after the generator whose output they read, which may share a vendor's name.
                    if hit and "contracts" not in path.parts:
                        found.append(f"{path.relative_to(checkout)}:{number}: {hit[0]}")
    assert found == []


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (
            probes,
            [
                "Claims",
                "Environment",
                "Evidence",
                "KeycapError",
                "Record",
                "Results",
                "Settings",
                "Tier",
                "Verdict",
                "load_claims",
                "load_evidence",
                "settle",
                "verify",
                "verify_async",
            ],
        ),
        (
            reports,
            [
                "advise",
                "drift",
                "evidence_frame",
                "figures_frame",
                "history_frame",
                "matrix",
                "plot_style",
                "render",
                "since_frame",
                "survey_frame",
                "update_readmes",
            ],
        ),
    ],
)
def test_the_public_python_api_is_this_list(module: ModuleType, names: list[str]) -> None:
    assert sorted(module.__all__) == names
    assert set(names) <= set(dir(module))
    assert all(callable(getattr(module, name)) for name in names)
    assert not {name for name in names if find_spec(f"{module.__name__}.{name}")}, "importing such a module puts it in the name's place"


def test_the_version_is_told_once(checkout: Path) -> None:
    assert tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == probes.__version__


def imported_by(*arguments: str) -> set[str]:
    code = f"import sys; sys.argv = ['keycap', *{list(arguments)!r}]\n"
    code += "from probes.__main__ import main\ntry:\n  main()\nexcept SystemExit: pass\n"
    code += "print(*sys.modules, file=sys.stderr)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split())


def test_help_imports_nothing_heavy() -> None:
    assert imported_by("--help") & {"pandas", "matplotlib", "vcr", "httpx", "pydantic", "typer", "rich", "jinja2", "yaml"} == set()


def test_checking_claims_imports_neither_pandas_nor_vcr() -> None:
    assert imported_by("claims", "check") & {"pandas", "matplotlib", "vcr", "httpx", "jinja2"} == set()


def test_the_help_page_is_what_the_command_line_would_print(checkout: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", "from probes.cli import app; app(['--help'], prog_name='keycap')"],
        capture_output=True, text=True, check=True, env={"COLUMNS": "100", "NO_COLOR": "1", "PATH": "", "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert (checkout / "probes" / "help.txt").read_text(encoding="utf-8") == shown.stdout


def test_every_public_function_and_class_is_documented(checkout: Path) -> None:
    bare = []
    for path in [*(checkout / "probes").rglob("*.py"), *(checkout / "reports").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if ast.get_docstring(tree) is None:
            bare.append(f"{path.relative_to(checkout)}: module")
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if path.parent.parent.name in ("lab", "providers") and not node.decorator_list:
                continue  # parts of one provider, of use to its own package only; a probe is decorated
            if ast.get_docstring(node) is None and not _is_enum(node):
                bare.append(f"{path.relative_to(checkout)}: {node.name}")
    assert bare == []


def _is_enum(node: ast.AST) -> bool:
    """The members of an enumeration speak for themselves."""
    return isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases)
