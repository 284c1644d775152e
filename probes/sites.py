"""A vendor with two sites, on one of which a key works: only asking tells on which, and the first is asked first."""

from dataclasses import replace

from probes.answer import Answer
from probes.api import Api
from probes.endpoint import Endpoint
from probes.errors import NotAllowed
from probes.evidence import Cause
from probes.inference import Inference
from probes.vocabulary import Means

Sites = tuple[str, str]
"""The names of both hosts."""


async def read_where_known(api: Api, sites: Sites, path: str, credential: str = "") -> tuple[Answer, Answer]:
    """What the site that knows the key answers to it, and what it answers to nobody. Raises NotAllowed where neither knows it."""
    site = sites[0]
    try:
        answer = await api.get(f"{site}:{path}", credential=credential)
    except NotAllowed as error:
        if error.means != Means.CREDENTIAL:
            raise
        site = sites[1]
        answer = await api.get(f"{site}:{path}", credential=credential)
    return answer, await api.ask(Endpoint.parse(f"GET {site}:{path}"))


async def call_where_known(api: Api, sites: Sites) -> tuple[Inference, Answer] | None:
    """One inference call on the site that knows the key, and how to call there again.

    None, and all is reported, where it is refused for other than its rate.
    """
    inference = api.inference
    first = await api.spend(inference)
    if api.means(first) is Means.CREDENTIAL:
        inference = replace(inference, call=inference.call.replace("/", f"{sites[1]}:/", 1))
        first = await api.spend(inference)
    if (first.status >= 300 and first.status != 429) or api.means(first) not in (Means.UNKNOWN, Means.RATE):
        api.untested(f"status {first.status}", cause=Cause.REFUSED_OTHERWISE)
        return None
    return inference, first
