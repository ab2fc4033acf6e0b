"""The documentation is true: what it lists is what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from click import Context, Group

import linkhold
from linkhold import config
from linkhold.cli import command
from linkhold.doors import reply

ROOT = Path(__file__).parent.parent
ROOMS = ("src", "tests", "docs", "bench", "deploy", "tools", "requirements", "postman", r"\.ci")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """Return the cells of all table rows of a page."""
    lines = re.findall(r"^\| (.*) \|$", text, flags=re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    documented = {
        row[0].strip("`"): row[1:] for row in rows(read("docs/settings.md")) if "LINKHOLD_" in row[0]
    }
    assert set(documented) == {config.variable(field) for field in config.Settings.model_fields}
    for field, info in config.Settings.model_fields.items():
        default, meaning = documented[config.variable(field)]
        assert meaning == info.description
        if info.default_factory is None:
            assert default == ("none" if info.default is None else f"`{info.default}`")


def test_what_the_guide_has_for_gunicorn_is_there() -> None:
    guide = read("docs/getting-started.md").partition("## With gunicorn")[2]
    [requirements] = re.findall(r"-r (requirements/\S+)", guide)
    assert re.search("^gunicorn==", read(requirements), re.MULTILINE)
    [configuration] = re.findall(r"--config (\S+?)`", guide)
    assert "metrics" in read(configuration).lower()


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=]", each)[0] for each in wanted} - {"gunicorn"}
    assert {row[0] for row in rows(read("docs/dependencies.md"))} - {"package", "---"} == names


def test_every_problem_is_documented_with_its_status() -> None:
    documented = {(row[0].strip("`"), row[1]) for row in rows(read("docs/api.md")) if len(row) == 3}
    for _, status, name, _ in reply.PROBLEMS:
        if status < 500 or name == "unavailable":
            assert (name, str(status)) in documented


def test_every_command_is_documented() -> None:
    cells = [row[0].replace("\\", "") for row in rows(read("docs/getting-started.md"))]
    told = [each.removeprefix("linkhold ").split() for cell in cells for each in re.findall("`(.+?)`", cell)]
    documented = {words[0]: words[1].split("|") if words[1:] else [] for words in told}
    context = Context(command)
    names = command.list_commands(context)
    assert len(names) > 10
    for name in names:
        each = command.get_command(context, name)
        assert name in documented
        if isinstance(each, Group):
            assert set(documented[name]) == set(each.list_commands(context)), name


def test_the_version_is_in_the_changelog() -> None:
    assert f"## {linkhold.__version__} " in read("CHANGELOG.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_that_a_page_names_exist(page: Path) -> None:
    for name in re.findall(rf"`((?:{'|'.join(ROOMS)})/[\w./-]+)`", page.read_text("utf-8")):
        assert (ROOT / name).exists(), f"{page.name} names {name}"
