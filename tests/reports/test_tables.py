"""What notebooks work with: tidy frames of evidence, measurements, dates and the survey."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import reports
from probes.errors import KeycapError
from probes.evidence import Level, Origin, Outcome
from probes.figures import Figures, Limited
from probes.results import Results
from reports import history
from reports.tables import EVIDENCE, FIGURES, HISTORY, SINCE, SURVEY
from tests.reports.invented import found, invented

Frame = Callable[[Results], pd.DataFrame]
FRAMES: list[tuple[Frame, tuple[str, ...]]] = [
    (reports.evidence_frame, EVIDENCE),
    (reports.figures_frame, FIGURES),
    (reports.since_frame, SINCE),
    (reports.survey_frame, SURVEY),
]


@pytest.mark.parametrize(("frame", "columns"), FRAMES)
def test_a_frame_has_the_same_columns_and_types_with_rows_and_without(frame: Frame, columns: tuple[str, ...], real: Results) -> None:
    full, empty = frame(real), frame(Results.of(real.claims.model_copy(update={"providers": {}}), []))
    assert list(full.columns) == list(empty.columns) == list(columns)
    assert len(full) > 0
    assert len(empty) == 0
    typed = {name for name in columns if full.dtypes[name].kind != "O" and not isinstance(full.dtypes[name], pd.StringDtype)}
    assert {name: full.dtypes[name].kind for name in typed} == {name: empty.dtypes[name].kind for name in typed}


def test_every_finding_has_a_row_and_those_that_decide_are_marked(invented: Results) -> None:
    frame = reports.evidence_frame(invented)
    assert len(frame) == len(invented.evidence)
    decides = frame[frame["decides"]]
    assert set(zip(decides["provider"], decides["capability"], strict=True)) == {
        cell for cell, verdict in invented.verdicts.items() if verdict.status != "unverified"
    }
    assert set(frame.loc[frame["origin"] == "lab", "decides"]) == {False}
    assert str(frame["recorded_at"].dt.tz) == "UTC"


def measured(**more: object) -> Figures:
    given = {"limited": Limited.SPEND, "limit": 0.01, "in_flight": 8, "understated": False, "calls": 9, "calls_past": 7, "usd": 0.09}
    return Figures(**(given | {"usd_past": 0.08} | more))  # type: ignore[arg-type]


def test_a_series_that_shows_two_claims_stands_once() -> None:
    both = {"provider": "hub", "origin": Origin.LAB, "probe": "cap", "figures": (measured(), measured(in_flight=1))}
    evidence = [found(name, Outcome.PRESENT, Level.ENFORCEMENT, **both) for name in ("spend.limit.key", "spend.reset")]
    evidence.append(found("spend.limit.key", Outcome.PRESENT, Level.ENFORCEMENT, figures=(measured(waiting_sufficed=True),)))
    frame = reports.figures_frame(Results.of(invented(), evidence))
    assert frame["capabilities"].tolist() == ["spend.limit.key", "spend.limit.key spend.reset", "spend.limit.key spend.reset"]
    assert frame["simulated"].tolist() == [False, True, True]
    assert frame["in_flight"].tolist() == [8, 8, 1]
    assert frame["waiting_sufficed"].isna().tolist() == [False, True, True]


def test_a_claim_without_a_date_has_no_row_and_a_date_is_a_span(invented: Results) -> None:
    row = reports.since_frame(invented).iloc[0]
    assert (row["provider"], row["capability"], row["since"], row["exact"]) == ("acme", "key.create", "2026-01", "month")
    assert (row["first"], row["last"]) == (pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-31"))


def test_every_conclusion_of_the_survey_stands_beside_todays_claim(invented: Results) -> None:
    frame = reports.survey_frame(invented).set_index("capability")
    assert frame["held"].to_dict() == {
        "spend.limit.key": "holds",
        "key.rotate": "unclear",
        "spend.usage": "no_longer",
        "key.read": "unclear",
        "rate.set": "unclear",
    }
    assert frame.loc["spend.limit.key", "says_zh"] == "可以限额"


def test_the_history_is_a_row_for_every_change_and_empty_without_a_file(invented: Results, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    assert list(reports.history_frame(path).columns) == list(HISTORY)
    history.update(path, Results.of(invented.claims, []), date(2026, 11, 1))
    history.update(path, invented, date(2026, 11, 2), "abc")
    history.update(path, Results.of(invented.claims, []), date(2026, 11, 3))
    rows = reports.history_frame(path).query("capability == 'key.create' and provider == 'acme'")
    assert rows["became"].tolist() == ["", "lost"]
    assert rows["was_level"].tolist() == ["", "behaviour"]
    assert rows["is_verdict"].tolist() == ["confirmed", "unverified"]
    assert rows["commit"].tolist() == ["abc", ""]
    assert rows["date"].tolist() == [pd.Timestamp("2026-11-02"), pd.Timestamp("2026-11-03")]


def test_a_line_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(KeycapError, match=r"history\.jsonl:1"):
        reports.history_frame(path)
