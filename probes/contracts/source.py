"""Python packages as text: modules parsed on demand, names followed through imports. Nothing is ever imported or run."""

import ast
import warnings
from collections.abc import Iterable, Iterator

from probes.contracts.archive import Archive
from probes.errors import DocumentError

_SOURCE_MAX = 8 * 1024 * 1024


class Module:
    """One module: its tree and what its top-level names stand for."""

    def __init__(self, dotted: str, tree: ast.Module, *, package: bool) -> None:
        self.dotted, self.tree = dotted, tree
        self.definitions: dict[str, ast.ClassDef | ast.FunctionDef | ast.expr] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        """Local name → module and name in it, the name empty when the module itself is meant."""
        self.stars: list[str] = []
        self._parent = dotted if package else dotted.rpartition(".")[0]
        self._expressions: dict[str, ast.expr | None] = {}
        self._read(tree.body)

    def expression(self, text: str) -> ast.expr | None:
        """A forward reference (`"_models.Key"`) as an expression; the same text gives the same object."""
        if text not in self._expressions:
            try:
                self._expressions[text] = ast.parse(text, mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._expressions[text] = None
        return self._expressions[text]

    def _read(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                    self.definitions[name] = statement
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.definitions[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self.definitions[name] = value
                case ast.If() | ast.Try():
                    self._read(statement.orelse)
                    self._read(statement.body)
                case ast.Import(names=names):
                    for alias in names:
                        self.imports[alias.asname or alias.name.partition(".")[0]] = (
                            alias.name if alias.asname else alias.name.partition(".")[0],
                            "",
                        )
                case ast.ImportFrom():
                    self._read_from(statement)

    def _read_from(self, statement: ast.ImportFrom) -> None:
        parent = self._parent.split(".")
        base = ".".join(parent[: len(parent) - statement.level + 1]) if statement.level else ""
        source = ".".join(filter(None, (base, statement.module)))
        for alias in statement.names:
            if alias.name == "*":
                self.stars.append(source)
            else:
                self.imports[alias.asname or alias.name] = (source, alias.name)


Found = tuple[Module, ast.ClassDef | ast.FunctionDef | ast.expr | None]
"""Where a name is defined and by what; None stands for the module itself."""


class Package:
    """The modules of one distribution."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._modules: dict[str, Module | None] = {}
        self._paths = {_dotted(name): name for name in archive.names if name.endswith(".py")}

    def names(self) -> Iterator[str]:
        """The dotted names of all modules."""
        return iter(self._paths)

    def module(self, dotted: str) -> Module | None:
        """A module by its dotted name; None when the package has none."""
        if dotted not in self._modules:
            path = self._paths.get(dotted)
            self._modules[dotted] = None if path is None else Module(dotted, self._parse(path), package=path.endswith("/__init__.py"))
        return self._modules[dotted]

    def find(self, module: Module, expression: ast.expr | str) -> Found | None:
        """What a name or a dotted name stands for in a module, through imports; None when it is not of this package."""
        match expression:
            case str():
                return self._find(module, expression, set())
            case ast.Name(id=name):
                return self._find(module, name, set())
            case ast.Attribute(value=value, attr=name):
                found = self.find(module, value)
                if found is None:
                    return None
                owner, node = found
                if node is None:
                    return self._find(owner, name, set())
                nested = _nested(node, name)
                return (owner, nested) if nested else None
        return None

    def _find(self, module: Module, name: str, seen: set[tuple[str, str]]) -> Found | None:
        if (module.dotted, name) in seen:
            return None
        seen.add((module.dotted, name))
        if name in module.definitions:
            return module, module.definitions[name]
        if name in module.imports:
            return self._imported(*module.imports[name], seen)
        for source in module.stars:
            target = self.module(source)
            found = self._find(target, name, seen) if target else None
            if found:
                return found
        submodule = self.module(f"{module.dotted}.{name}")
        return (submodule, None) if submodule else None

    def _imported(self, source: str, name: str, seen: set[tuple[str, str]]) -> Found | None:
        target = self.module(source)
        if target and name:
            return self._find(target, name, seen)
        # A folder without __init__.py is a package too.
        target = target or (self.module(f"{source}.{name}") if name else None)
        return (target, None) if target else None

    def _parse(self, path: str) -> ast.Module:
        data = self.archive.read(path)
        if len(data) > _SOURCE_MAX:
            raise DocumentError(f"{path} is larger than {_SOURCE_MAX >> 20} MiB", where=self.archive.path.name)
        try:
            with warnings.catch_warnings():
                # A vendor's `"\\d"` is no concern of keycap's users.
                warnings.simplefilter("ignore")
                return ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
            raise DocumentError(f"{path} is not Python that can be read", where=self.archive.path.name) from fault


def _nested(node: ast.ClassDef | ast.FunctionDef | ast.expr, name: str) -> ast.ClassDef | None:
    body = node.body if isinstance(node, ast.ClassDef) else []
    return next((each for each in body if isinstance(each, ast.ClassDef) and each.name == name), None)


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def called(node: ast.AST) -> str:
    """The last name of a call's function (`rest_field` of `_base.rest_field(…)`), empty for anything else."""
    return last_name(node.func) if isinstance(node, ast.Call) else ""


def last_name(node: ast.AST) -> str:
    """The last part of a dotted name, empty for anything else."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """A call's keyword argument."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def string(node: ast.AST | None) -> str:
    """A string literal's value, empty for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def calls(node: ast.AST, name: str) -> Iterator[ast.Call]:
    """All calls inside a node of a function of that name."""
    return (each for each in ast.walk(node) if isinstance(each, ast.Call) and called(each) == name)


def functions(node: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The synchronous functions directly inside a module or class."""
    return (each for each in node.body if isinstance(each, ast.FunctionDef))


def template(node: ast.AST | None) -> str:
    """A path written as a literal or f-string; what is filled in becomes `{name}`, named by the variable handed on in it."""
    if not isinstance(node, ast.JoinedStr):
        return string(node)
    return "".join(string(each) if isinstance(each, ast.Constant) else f"{{{_filled(each) or 'value'}}}" for each in node.values)


def _filled(node: ast.AST) -> str:
    match node:
        case ast.FormattedValue(value=value) | ast.Call(args=[value, *_]):
            return _filled(value)
    return last_name(node)


def items(node: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    """A dict literal's entries with literal keys, those of a `**{…}` inside it included."""
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None and isinstance(value, ast.Dict):
            yield from items(value)
        elif key is not None and (name := string(key)):
            yield name, value
