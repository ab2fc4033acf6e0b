"""The shape of the code: rules that the project holds itself to, read off its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src/linkhold"
FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = [str(path.relative_to(PACKAGE)) for path in FILES]

# One gate for each danger: what may be imported or called only in these places.
GATES = {
    "flask": ("doors/", "app.py", "serving.py"),
    "subprocess": ("postgres/", "cli/database.py", "doctor/units.py"),
    "socket": (
        "postgres/places.py",
        "keepalive.py",
        "cli/draining.py",
        "cli/listening.py",
        "cli/serve.py",
        "cli/supervision.py",
    ),
    "time": ("clock.py",),
    "granian": ("cli/serve.py",),
    "alembic": ("db/migrate.py", "migrations/"),
    "psutil": ("postgres/", "folding.py", "cli/counting.py", "cli/heartbeat.py"),
    "urllib3": ("cli/client.py", "doctor/front.py"),
    "gettext": ("translations/",),
    "babel": ("doors/web/speaking.py", "doors/web/account.py"),
    "segno": ("doors/web/codes.py",),
    "urllib.request": (),
    "http.client": (),
    "requests": (),
}
ENVIRONMENT = ("os.environ", "os.getenv")
NOW = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
STATEMENTS = ("text", "select", "insert", "update", "delete")

# Decisions take values and return values: they reach for none of these.
IMPURE = ("sqlalchemy", "flask", "psycopg", "linkhold.clock", "linkhold.db", "os", "random", "time")

VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "core", "base_utils"}
LONGEST_FILE, LONGEST_FUNCTION = 400, 50

# What is read as much as the package, and may be as long.
BESIDE = sorted(
    path
    for directory in ("tests", "bench", "tools", "deploy")
    for path in (ROOT / directory).rglob("*.py")
    if "node_modules" not in path.parts
)


def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[str]:
    """Return every module that is imported anywhere in a file, inside functions too."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def names(module: str) -> Iterator[str]:
    """Return every dotted name that is used in a file."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def is_in(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or (place.endswith("/") and module.startswith(place)) for place in places)


@pytest.mark.parametrize("module", MODULES)
def test_each_danger_has_one_gate(module: str) -> None:
    found = set(imports(module))
    for danger, gates in GATES.items():
        used = any(name == danger or name.startswith(f"{danger}.") for name in found)
        assert not used or is_in(module, gates), f"{module} imports {danger}"


@pytest.mark.parametrize("module", MODULES)
def test_the_environment_is_read_in_one_place_and_the_clock_in_another(module: str) -> None:
    used = set(names(module))
    if module != "config.py":
        assert not used.intersection(ENVIRONMENT), f"{module} reads the environment"
    if module != "clock.py":
        assert not used.intersection(NOW), f"{module} asks for the time"


@pytest.mark.parametrize("module", [each for each in MODULES if each.startswith(("doors/", "cli/", "app"))])
def test_doors_and_commands_have_no_sql(module: str) -> None:
    made = {name for name in imports(module) if name.startswith("sqlalchemy.")}
    assert not made.intersection(f"sqlalchemy.{statement}" for statement in STATEMENTS)


def is_pure(module: str) -> bool:
    """Tell whether a module says of itself that it is."""
    return re.search(r"\bPure\b", ast.get_docstring(tree(module)) or "") is not None


@pytest.mark.parametrize("module", [each for each in MODULES if is_pure(each)])
def test_decisions_are_pure(module: str) -> None:
    for name in imports(module):
        assert not any(name == each or name.startswith(f"{each}.") for each in IMPURE), f"{module}: {name}"


def test_what_is_called_pure_says_so_itself() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    [told] = re.findall(r"\*\*Decisions are pure\*\*: (.*?)and others", page, flags=re.DOTALL)
    named = re.findall(r"`(?:links/)?(\w+)`", told)
    assert len(named) > 10
    assert [name for name in named if not is_pure(f"links/{name}.py")] == []


@pytest.mark.parametrize("module", MODULES)
def test_files_and_functions_can_be_read_in_one_go(module: str) -> None:
    assert too_long(PACKAGE / module, functions=not module.startswith("migrations/")) == []


@pytest.mark.parametrize("path", BESIDE, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_beside_the_package_can_be_read_too_and_says_what_it_is_for(path: Path) -> None:
    assert too_long(path) == []
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def too_long(path: Path, *, functions: bool = True) -> list[str]:
    """Return what of a file is longer than anything may be."""
    source = path.read_text(encoding="utf-8")
    found = [path.name] if source.count("\n") > LONGEST_FILE else []
    for node in ast.walk(ast.parse(source)):
        if functions and isinstance(node, ast.FunctionDef) and node.end_lineno:
            found += [node.name] if node.end_lineno - node.lineno >= LONGEST_FUNCTION else []
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_is_for_and_so_does_its_name(module: str) -> None:
    assert ast.get_docstring(tree(module)), f"{module} does not say what it is for"
    assert not VAGUE.intersection(Path(module).with_suffix("").parts)


@pytest.mark.parametrize("module", [each for each in MODULES if not each.startswith("migrations/")])
def test_what_is_public_is_described(module: str) -> None:
    for node in tree(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{module}: {node.name} has no docstring"


def test_imports_inside_functions_are_few_and_have_their_reason() -> None:
    hidden = [
        f"{module}:{inner.lineno}"
        for module in MODULES
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    # A worker loads the application, which opens the database; its parent must not. Alembic is loaded
    # only when there is something to migrate, and what a migration computes only when it does.
    assert {place.partition(":")[0] for place in hidden} == {
        "cli/serve.py",
        "db/migrate.py",
        "migrations/versions/0003_search.py",
        "migrations/versions/0005_tags.py",
        "migrations/versions/0010_computed_anew.py",
        "migrations/versions/0011_words_of_international_hosts.py",
    }
