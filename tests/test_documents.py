"""Where contracts come from: a folder of copies first, then the vendor's address; a package through the user's own pip or uv."""

from pathlib import Path

import httpx
import pytest

from probes.claims import Contract
from probes.documents import Copies, DocumentTransport
from probes.errors import DocumentError
from probes.vocabulary import ContractKind

URL = "https://acme.example/openapi.yaml"
SPEC = "openapi: 3.1.0\ninfo: {title: Acme, version: '7'}\npaths: {/v1/keys: {post: {}}, /v1/chat: {post: {}}}\n"
CONTRACT = Contract(kind=ContractKind.OPENAPI, url=URL, file="acme.yaml", include=["/v1/keys/**"])


async def fetched(contract: Contract, folder: Path | None, answer: httpx.Response | None = None) -> dict[str, object]:
    """The extract, as it is recorded; the network refuses unless `answer` is given."""

    def network(request: httpx.Request) -> httpx.Response:
        if answer is None:
            raise AssertionError(f"the network was asked for {request.url}")
        return answer

    transport = DocumentTransport({URL: contract}, Copies(folder), httpx.MockTransport(network))
    async with httpx.AsyncClient(transport=transport) as client:
        data: dict[str, object] = (await client.get(URL)).json()
        return data


async def test_a_copy_is_read_before_anything_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "index.yaml").write_text("- {file: acme.yaml, date: 2026-08-21}\n", encoding="utf-8")
    extract = await fetched(CONTRACT, tmp_path)
    provenance = extract["provenance"]
    assert isinstance(provenance, dict)
    assert (provenance["date"], provenance["retrieved"], provenance["version"], provenance["address"]) == ("2026-08-21", "copy", "7", URL)
    assert list(extract["operations"]) == ["POST /v1/keys"]  # type: ignore[call-overload]
    assert extract["others"] == ["POST /v1/chat"]


async def test_a_copy_without_an_index_is_as_old_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(SPEC, encoding="utf-8")
    provenance = (await fetched(CONTRACT, tmp_path))["provenance"]
    assert isinstance(provenance, dict)
    assert len(provenance["date"]) == len("2026-11-24")


async def test_the_vendors_document_is_dated_by_its_server() -> None:
    answer = httpx.Response(200, text=SPEC, headers={"last-modified": "Fri, 21 Aug 2026 10:00:00 GMT"})
    provenance = (await fetched(CONTRACT, None, answer))["provenance"]
    assert isinstance(provenance, dict)
    assert (provenance["date"], provenance["retrieved"]) == ("2026-08-21", "vendor")


@pytest.mark.parametrize(
    "answer", [httpx.Response(404, text="gone"), httpx.Response(200, text="<html>Sign in</html>")], ids=["404", "html"]
)
async def test_what_is_no_contract_is_refused(answer: httpx.Response) -> None:
    with pytest.raises(DocumentError):
        await fetched(CONTRACT, None, answer)


async def test_a_broken_index_is_told(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "index.yaml").write_text("- {file: [", encoding="utf-8")
    with pytest.raises(DocumentError, match="cannot be read"):
        await fetched(CONTRACT, tmp_path)
