"""What the libraries below would log is not redacted: during a run they log warnings only."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_TALKATIVE = (
    "httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks", "vcr.cassette", "vcr.request",
)  # fmt: skip


@contextmanager
def quiet() -> Iterator[None]:
    """Until the end of the block no address, header or body is logged, whatever level the person has chosen."""

    def warns(record: logging.LogRecord) -> bool:  # one of its own for each block: the first to end leaves the others'
        return record.levelno >= logging.WARNING

    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    for logger in loggers:
        logger.addFilter(warns)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(warns)
