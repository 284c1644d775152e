"""Types of a Python package as nodes for `flatten`: annotations where they stand, and what a reader puts together itself."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from probes.contracts.flatten import Shape
from probes.contracts.source import Module, items


@dataclass(frozen=True, slots=True)
class Type:
    """An annotation or class of a module, with what its type variables stand for; or a shape made by a reader."""

    module: Module | None
    node: ast.AST | None
    scope: ast.ClassDef | None = None
    bound: tuple[tuple[str, "Type"], ...] = ()
    depth: int = 0
    made: "Made | None" = None


class Made:
    """A shape that no source line declares, such as the body of a method's own arguments. Compared by identity."""

    def __init__(self, shape: Shape[Type]) -> None:
        self.shape = shape


def record(fields: dict[str, Type]) -> Type:
    """An object with these fields."""
    return Type(None, None, made=Made(Shape(fields=fields)))


def union(parts: Iterable[Type]) -> Type:
    """Any of several types."""
    return Type(None, None, made=Made(Shape(parts=tuple(parts))))


def plain(*values: str) -> Type:
    """A type by name or values."""
    return Type(None, None, made=Made(Shape(values)))


def array(item: Type) -> Type:
    """An array of a type."""
    return Type(None, None, made=Made(Shape(items=(item,))))


def passed(module: Module, function: ast.FunctionDef, value: ast.expr) -> Type:
    """The type of what a method hands on in a request: the annotation of its argument, a dict literal's entries, a constant."""
    match value:
        case ast.Dict():
            return record({key: passed(module, function, each) for key, each in items(value)})
        case ast.Constant(value=str()):
            return plain("string")
        case ast.Constant(value=bool()):
            return plain("boolean")
    names = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}
    for argument in (*function.args.args, *function.args.kwonlyargs):
        if argument.annotation and argument.arg in names:
            return Type(module, argument.annotation)
    return plain("any")


@dataclass(frozen=True, slots=True)
class Field:
    """A class's field: `attribute` in Python, `wire` in JSON."""

    attribute: str
    wire: str
    annotation: ast.expr
    sent: bool = True
    """Whether a request may carry it."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of SDK writes its models."""

    fields: Callable[[ast.ClassDef], Iterable[Field]]
    optional_is_null: bool
    """Whether `Optional` means that null is allowed, or only that the field may be left out."""
