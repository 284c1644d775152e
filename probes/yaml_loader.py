"""PyYAML's safe loader, the fast one: libyaml reads ten times as fast, but not every PyYAML is built with it."""

try:
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["Loader"]
