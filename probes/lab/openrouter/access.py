"""Who is asking: the key in the Authorization header, and what kind of key a route wants."""

from starlette.requests import Request

from probes.lab.openrouter.account import Account, Key
from probes.lab.openrouter.refusals import refusal


def account(request: Request) -> Account:
    found: Account = request.app.state.account
    return found


def caller(request: Request) -> Key:
    """The key that the request is sent with. Raises Refused."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise refusal(401, "Missing Authentication header")
    key = account(request).authenticated(secret.strip())
    if key is None:
        raise refusal(401, "User not found.")
    return key


def administrator(request: Request) -> Account:
    """The account, for a management key. Raises Refused."""
    if not caller(request).is_management:
        raise refusal(403, "Only management keys can perform this operation")
    return account(request)
