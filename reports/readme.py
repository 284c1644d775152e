"""The headline table in the READMEs, kept true by replacing what stands between two markers."""

from pathlib import Path

from probes.errors import KeycapError
from probes.files import write
from probes.processes import at_once
from probes.results import Results
from reports.markdown import lines, place
from reports.templating import markdown
from reports.text import Language
from reports.view import view

BEGIN, END = "<!-- keycap:headline -->", "<!-- /keycap:headline -->"
READMES: dict[Language, str] = {"en": "README.md", "zh": "README.zh-CN.md"}


def update_readmes(results: Results, checkout: Path, *, processes: int = 1) -> list[Path]:
    """Bring both READMEs of a checkout up to date; returns those that changed. `processes` as in `probes.processes.at_once`."""
    parts = [(results, checkout / name, language) for language, name in READMES.items()]
    return [path for (_, path, _), changed in zip(parts, at_once(_update, parts, processes), strict=True) if changed]


def _update(part: tuple[Results, Path, Language]) -> bool:
    return update_readme(*part)


def update_readme(results: Results, path: Path, language: Language) -> bool:
    """Replace the headline table of one README; returns whether it changed. Raises KeycapError without the two markers."""
    now = path.read_text(encoding="utf-8")
    new = _with_table(now, results, path, language)
    if new != now:
        write(path, new.encode("utf-8"))
    return new != now


def is_current(results: Results, path: Path, language: Language) -> bool:
    """Whether a README's headline table is what the results say; raises KeycapError without the two markers."""
    now = path.read_text(encoding="utf-8")
    return _with_table(now, results, path, language) == now


def headline_table(results: Results, language: Language) -> str:
    """The verdict lines and the headline table in Markdown, with links into reports/latest/."""
    context = view(results, language)
    table = markdown().get_template("headline.md.jinja").render(context, place=place(language, "reports/latest/"))
    return f"{lines(context)}{table.strip()}\n"


def _with_table(text: str, results: Results, path: Path, language: Language) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise KeycapError("the headline's markers are missing", where=str(path), hint=f"Put {BEGIN} and {END} where the table belongs.")
    return f"{before}{BEGIN}\n\n{headline_table(results, language)}\n{END}{after}"
