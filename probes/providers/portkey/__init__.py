"""Portkey: keys with a budget and a rate, workspaces with the same for all of their keys, policies that count by what they group by.

A service key of the organisation does everything here; the workspaces, keys and policies that it is done to are the probe's own. A budget
of a key or a workspace is a whole number of US dollars, one at least; that of a policy may be a fraction. A budget that is used up answers
412, a rate 429.

A key shows that it works by listing models, which costs nothing. To call one, the person's model must be open to every workspace of the
organisation: `--model portkey=@INTEGRATION/MODEL@INPUT,OUTPUT`. Where it is not, calls are refused and nothing is said of a limit.

`reading` only looks, `refusing` sends what must be refused, `living` creates and deletes, `spending` calls a model until a limit bites.
"""

from probes.providers.portkey import living, reading, refusing, spending
from probes.providers.portkey.routes import provider

__all__ = ["living", "provider", "reading", "refusing", "spending"]
