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


@contextmanager
def silent(*names: str) -> Iterator[None]:
    """Until the end of the block these libraries log nothing at all: their warnings would quote an address that is a secret."""
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled
