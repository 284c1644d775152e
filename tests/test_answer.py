"""What a probe may rely on in an answer, whatever a server sends."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from probes.answer import Answer, answer_of, is_number, lasting, rows


def answered(text: str = "", **headers: str) -> Answer:
    return answer_of(httpx.Response(200, text=text, headers=headers))


@pytest.mark.parametrize("date", ["Tue, 24 Nov 2026 10:00:00 GMT", "Tue, 24 Nov 2026 18:00:00 +0800", "Tue, 24 Nov 2026 10:00:00"])
def test_the_servers_clock_is_told_in_utc(date: str) -> None:
    assert answered(date=date).clock == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize("headers", [{}, {"date": "soon"}, {"date": "Tue, 32 Nov 2026 10:00:00 GMT"}])
def test_a_server_may_not_tell_the_time(headers: dict[str, str]) -> None:
    assert answered(**headers).clock is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": null}', '{"data": {"rows": 1}}', '{"data": {"rows": ["a", null]}}'])
def test_what_is_no_list_of_objects_has_no_rows(text: str) -> None:
    assert rows(answered(text), "data.rows") == []


def test_a_truth_value_is_no_number() -> None:
    assert [value for value in (0, 1.5, True, None, "1") if is_number(value)] == [0, 1.5]


def test_what_a_run_of_keycap_made_is_not_there_to_stay() -> None:
    ours: list[dict[str, Any]] = [{"id": "b", "name": "keycap-probe-1a2b3c4d"}, {"id": "c", "project": {"name": "keycap-probe-1a2b3c4d-2"}}]
    found = [{"id": "a", "name": "theirs"}, *ours]
    assert lasting(found) == [{"id": "a", "name": "theirs"}]
