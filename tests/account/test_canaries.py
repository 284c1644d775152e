"""Whatever a provider answers with, in whatever encoding and place: no secret is in anything that a run writes, logs or shows."""

import io
import json
import logging
import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest
import yaml
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from rich.console import Console

import reports
from probes import cli, console, judged, runner, unforeseen
from probes.answer import Answer
from probes.api import Api
from probes.claims import Claims
from probes.claims_file import load_claims
from probes.cleanup import sweep
from probes.cli_options import print_json, today
from probes.credentials import Environment
from probes.document import document
from probes.errors import RequestRefused
from probes.evidence import Cause, Origin
from probes.ledger import Undo
from probes.outcome import Outcome
from probes.plan import Job
from probes.probe import Probe, Tier
from probes.results import Results
from probes.wire.guard import Guard
from tests.account.runs import CHECKOUT
from tests.disguises import ENCODINGS, kernel
from tests.servers import Reply, Served, http_server

PROVIDER = "prompture_hub"
UNDO: Undo = {
    "method": "DELETE",
    "path": "/admin/keys/{id}",
    "find": {"method": "GET", "path": "/admin/keys", "where": "[].name", "id": "[].id"},
}

# Where a server may put a secret


def _json(value: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode())


PLACES: dict[str, Callable[[str], Reply]] = {
    "header": lambda text: Reply(200, headers={"x-note": text}),
    "cookie": lambda text: Reply(200, headers={"set-cookie": f"session={text}; path=/"}),
    "location": lambda text: Reply(302, headers={"location": f"/next?state={quote(text, safe='%')}"}),
    "elsewhere": lambda text: Reply(302, headers={"location": f"https://elsewhere.invalid/?state={quote(text, safe='%')}"}),
    "challenge": lambda text: Reply(401, b'{"detail": "no"}', headers={"www-authenticate": f'Bearer error="{text}"'}),
    "reason": lambda text: Reply(200, reason=text),
    "value": lambda text: _json({"data": [{"note": f"see {text}."}]}),
    "key": lambda text: _json({text: 1}),
    "document": lambda text: _json({"raw": json.dumps({"inner": text})}),
    "text": lambda text: Reply(200, f"before {text} after".encode(), "text/plain"),
    "page": lambda text: Reply(200, f"<html><p>{text}</p></html>".encode(), "text/html"),
    "form": lambda text: Reply(200, f"a=b&c={text}".encode(), "application/x-www-form-urlencoded"),
    "bytes": lambda text: Reply(200, b"\xff\xfe" + text.encode(), "application/octet-stream"),
    "broken": lambda text: Reply(200, json.dumps({"b": text})[:-1].encode()),
    "refused": lambda text: _json({"error": {"message": f"you sent {text}"}}, 401),
    "forbidden": lambda text: _json({"error": {"message": text, "code": text}}, 403),
    "limited": lambda text: _json({"detail": text}, 429),
    "failing": lambda text: _json({"detail": text}, 500),
}
IN_A_HEADER = {"header", "cookie", "location", "elsewhere", "challenge", "reason"}


@dataclass
class Vendor:
    """A gateway that creates keys and gives away what it knows."""

    credential: str
    key: str
    echoes: list[Reply] = field(default_factory=list)
    ledger: Path = Path()
    seen: list[str] = field(default_factory=list)
    """What the ledger held when it was asked."""
    keys: dict[str, str] = field(default_factory=dict)

    def answer(self, method: str, target: str, _headers: dict[str, str], body: bytes) -> Reply:
        """One answer; a creation that is to be lost is acted on and gets none."""
        self.seen += [path.read_text(encoding="utf-8") for path in self.ledger.glob("*.jsonl")]
        if target.startswith("/echo/"):
            number = target.partition("/echo/")[2]
            return self.echoes[int(number)] if number.isdigit() else _json({"detail": f"{self.credential} {self.key}"})
        if (method, target) == ("POST", "/admin/keys"):
            name, identity = json.loads(body)["name"], str(len(self.keys) + 1)
            self.keys[identity] = name
            lost = name.endswith("-lost")
            return Reply(0) if lost else _json({"id": self.key if name.endswith("-idless") else identity, "key": self.key}, 201)
        if method == "DELETE" and target.rpartition("/")[2] in self.keys:
            return Reply(204, b"")
        if method == "DELETE":
            return Reply(400, json.dumps({"detail": self.key}).encode(), reason=f"no {self.key}")
        return _json([{"id": identity, "name": name} for identity, name in self.keys.items()])


# What a probe may do with it


async def creates(api: Api) -> None:
    """A key is created, used, sent in an address and in a body, and cannot be deleted."""
    created = await _created(api, api.name)
    key = str(created.json["key"])
    await api.get("/v1/models", credential="inference", secret=key)
    await api.get(f"/lookup?keyString={quote(key, safe='')}&again={quote(key, safe='')}")
    await api.post(f"/keys/{quote(key, safe='')}/rotate", json={"old": key, "list": [{"value": f"was {key}"}]})
    api.found("key.create", True, Cause.DONE, f"status {created.status}")


async def loses(api: Api) -> None:
    """The answer of one creation is lost, the id of another is the secret itself."""
    await _created(api, f"{api.name}-idless")
    await _created(api, f"{api.name}-lost")


async def raises(api: Api) -> None:
    """Fails with the secrets in the error."""
    answer = await api.get("/echo/here")
    raise ValueError(answer.text, dict(answer.headers))


async def gives_up(api: Api) -> None:
    """Fails, with the secrets in the error, where a replay finds nothing recorded."""
    answer = await api.get(f"/echo/{secrets.token_hex(8)}x")
    raise RequestRefused(answer.text, where=answer.text, hint=answer.text)


async def _created(api: Api, name: str) -> Answer:
    return await api.create("POST /admin/keys", json={"name": name}, kind="key", name=name, identity="id", undo=UNDO)


def echoed(number: int) -> Probe:
    """A probe that tells all of an answer as its finding."""

    async def echo(api: Api) -> None:
        answer = await api.get(f"/echo/{number}")
        api.found("key.list", answer.status == 200, Cause.DONE, answer.text)

    return Probe(PROVIDER, f"echo_{number}", ("key.list",), Tier.WRITE, echo)


def probes_of(vendor: Vendor) -> tuple[Probe, ...]:
    """All probes of a run against the vendor."""
    own = [
        Probe(PROVIDER, each.__name__, (capability,), Tier.WRITE, each)
        for each, capability in ((creates, "key.create"), (loses, "key.read"), (raises, "key.update"), (gives_up, "key.rotate"))
    ]
    return (*own, *(echoed(number) for number in range(len(vendor.echoes))))


# What a run leaves


@asynccontextmanager
async def unpaced() -> AsyncIterator[httpx.AsyncBaseTransport]:
    """The way to the network, without its pauses between requests."""
    async with httpx.AsyncHTTPTransport() as direct:
        yield Guard(direct)


@contextmanager
def heard() -> Iterator[io.StringIO]:
    """All that is logged, of every level and by everybody, or written to stdout and stderr."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(said), redirect_stderr(said):
            yield said
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@cache
def one_provider() -> Claims:
    """The claims of the one provider."""
    claims = load_claims(CHECKOUT / "capabilities.yaml")
    return claims.model_copy(update={"providers": {PROVIDER: claims.providers[PROVIDER]}})


def run(vendor: Vendor, served: Served, folder: Path) -> str:
    """Everything that a run, a cleanup, a report and the terminal leave, as text; files stay in the folder."""
    claims = one_provider()
    environment = Environment({"HUB_ADMIN_TOKEN": vendor.credential})
    vendor.ledger = folder / "ledger"
    job = Job(PROVIDER, claims.providers[PROVIDER], Tier.WRITE, Origin.OVERRIDE, served.url, probes_of(vendor))
    how = runner.Settings(folder / "cassettes", environment=environment, ledger=vendor.ledger, network=unpaced)
    with heard() as said:
        outcome = runner.verify([job], claims, how)
        shown(claims, outcome, how)
        for each in sweep(vendor.ledger, claims, environment):
            said.write(f"{each.entry} {each}\n")
        results = Results.of(claims, outcome.evidence)
        reports.render(results, folder / "report")
        said.write(unforeseen.told(ValueError(f"unforeseen: {vendor.credential}"), environment.variables))
    return "\n".join([said.getvalue(), *vendor.seen, *(str(each) for each in outcome.evidence)])


def shown(claims: Claims, outcome: Outcome, how: runner.Settings) -> None:
    """What the terminal shows of a run, as text and as JSON."""
    results = Results.of(claims, outcome.evidence, judged.load_record(claims, how.cassettes).exchanges)
    print_json(document(results, outcome.summary(), today=today()))
    out = Console(width=200)
    out.print(console.summary(results, [PROVIDER]))
    for capability in {each.capability for each in outcome.evidence}:
        out.print(console.explanation(results, PROVIDER, capability), soft_wrap=True)
    for message in outcome.messages():
        out.print(console.plain(message), soft_wrap=True)


def strings(value: Any) -> Iterator[str]:
    """Every string of plain data, names of fields too."""
    match value:
        case str():
            yield value
        case dict():
            for name, inner in value.items():
                yield from (*strings(name), *strings(inner))
        case list():
            for inner in value:
                yield from strings(inner)


ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)")
SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def readings(text: str) -> Iterator[str]:
    """A text as it stands, and as whoever undoes its escapes reads it."""
    yield text
    yield unquote(text)
    yield unquote(unquote(text))
    yield ESCAPE.sub(lambda found: chr(int(found[1][1:], 16)) if found[1][1:] else SHORT.get(found[1], found[1]), text)


def files(folder: Path) -> Iterator[str]:
    """All files, as they are and, where they are YAML, as what they say."""
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            yield text
            if path.suffix == ".yaml":
                yield "\n".join(strings(yaml.safe_load(text)))


def leaks(canary: str, written: str, folder: Path) -> list[str]:
    """The encodings in which the canary is in anything."""
    everything = [reading for text in (written, *files(folder)) for reading in readings(text)]
    found = {
        encoding
        for encoding, encode in ENCODINGS.items()
        for text in everything
        if (form := kernel(encode(canary), encoding)) and form in text
    }
    return sorted(found)


# Secrets, as vendors make them and as nobody does

plain = st.text("ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_", min_size=20, max_size=60)
odd = st.text("ABCDabcd1234+/=%&\"'\\<>{}:;,!@#$^*()|~`?[]", min_size=20, max_size=40)
canaries = st.one_of(plain, odd).filter(lambda value: len(set(value)) > 8 and any(map(str.isdigit, value)) and "REDACTED" not in value)
echoes = st.lists(st.tuples(st.sampled_from(sorted(PLACES)), st.sampled_from(sorted(ENCODINGS)), st.booleans()), min_size=1, max_size=12)


def fits(place: str, text: str) -> bool:
    """Whether a server can send the text there at all."""
    return place not in IN_A_HEADER or (text.isascii() and text.isprintable())


@pytest.mark.timeout(150)
@given(credential=canaries, key=canaries, places=echoes)
@example(
    "sk-admin-AbCd1234EfGh5678IjKl9012",
    "sk-proj-Zy9xWv8uTs7rQp6oNm5l",
    [(p, e, w) for p in PLACES for e in ("raw",) for w in (True, False)],
)
@example("sec/ret+Canary=77%x&y\"z'\\w", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", [("value", e, w) for e in ENCODINGS for w in (True, False)])
@example(
    "hub-admin-canary-7f3a9c51", "key-Zy9xWv8u\x00Ts7rQp6o", [("header", "raw", True), ("reason", "raw", True), ("refused", "raw", True)]
)
@settings(max_examples=8, deadline=None)
def test_no_secret_is_in_anything_that_a_run_leaves(credential: str, key: str, places: list[tuple[str, str, bool]]) -> None:
    vendor = Vendor(credential, key)
    for place, encoding, whose in places:
        text = ENCODINGS[encoding](credential if whose else key)
        if fits(place, text):
            vendor.echoes.append(PLACES[place](text))
    with http_server(vendor.answer) as served, tempfile.TemporaryDirectory() as name:
        written = run(vendor, served, Path(name))
        assert "REDACTED" in written
        assert {"credential": leaks(credential, written, Path(name)), "key": leaks(key, written, Path(name))} == {
            "credential": [],
            "key": [],
        }


def split(text: str) -> tuple[str, str]:
    """A secret in two halves."""
    return text[: len(text) // 2], text[len(text) // 2 :]


@pytest.mark.timeout(150)
@given(credential=plain, key=plain)
@example("sk-admin-AbCd1234EfGh5678IjKl9012MnOp", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
@settings(max_examples=5, deadline=None)
def test_a_secret_that_is_split_over_headers_and_body_is_in_nothing(credential: str, key: str) -> None:
    vendor = Vendor(credential, key)
    assume(all(any(map(str.isdigit, half)) and len(half) >= 12 for half in (*split(credential), *split(key))))
    for secret in (credential, key):
        first, second = split(secret)
        vendor.echoes.append(Reply(200, json.dumps({"rest": second}).encode(), headers={"x-first": first}))
        vendor.echoes.append(Reply(200, f"first {first}, then {second}".encode(), "text/plain"))
        vendor.echoes.append(Reply(403, json.dumps({"error": {"message": f"not {second}"}}).encode(), headers={"x-rest": f"a={first}"}))
    with http_server(vendor.answer) as served, tempfile.TemporaryDirectory() as name:
        written = run(vendor, served, Path(name))
        for half in (*split(credential), *split(key)):
            assert half not in written
            assert not any(half in text for text in files(Path(name)))


def test_a_scanner_for_secrets_finds_none_in_what_a_run_leaves(tmp_path: Path) -> None:
    credential, key = "sk-admin-AbCd1234EfGh5678IjKl9012MnOp", "sk-proj-Zy9xWv8uTs7rQp6oNm5lKj4iHg3f"
    vendor = Vendor(credential, key, [place(f"api_key = '{secret}'") for place in PLACES.values() for secret in (credential, key)])
    with http_server(vendor.answer) as served:
        written = run(vendor, served, tmp_path)
    (tmp_path / "terminal.txt").write_text(written, encoding="utf-8")
    (tmp_path / "ledger.jsonl").write_text(max(vendor.seen, key=len), encoding="utf-8")  # as it was; by now nothing is open
    assert {"cassettes", "ledger.jsonl", "report", "terminal.txt"} <= {path.name for path in tmp_path.iterdir()}
    assert scanned(tmp_path) == []
    (tmp_path / "control.txt").write_text(f"api_key = '{key}'\n", encoding="utf-8")
    assert {name for name, *_ in scanned(tmp_path)} == {"control.txt"}


def scanned(folder: Path) -> list[tuple[str, str, int]]:
    """File, kind and line of what looks like a secret; what stands in the place of one is none."""
    with default_settings():
        found = [(path, each) for path in folder.rglob("*") if path.is_file() for each in scan_file(str(path))]
    telling = [(path, each) for path, each in found if "REDACTED" not in str(each.secret_value) and not _is_policy(path, each.line_number)]
    return [(path.name, each.type, each.line_number) for path, each in telling]


def _is_policy(path: Path, line: int) -> bool:
    """Whether the line is a page's policy, which names its own script and style by their hashes."""
    return path.suffix == ".html" and "Content-Security-Policy" in path.read_text(encoding="utf-8").splitlines()[line - 1]


def test_a_fault_that_nobody_foresaw_is_told_without_secrets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    credential = "hub-admin-canary-7f3a9c51"
    monkeypatch.setenv("HUB_ADMIN_TOKEN", credential)

    def broken() -> None:
        raise ValueError(f"sent {quote(credential)} and sk-proj-Zy9xWv8uTs7rQp6oNm5l")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as ended:
        cli.run()
    told = capsys.readouterr().err
    assert ended.value.code == cli.FAULT
    assert "ValueError: sent REDACTED and REDACTED" in told
    assert "in broken" in told
    assert credential not in told
