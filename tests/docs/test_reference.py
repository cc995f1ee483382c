"""What the code has, the reference has, and the other way round."""

from __future__ import annotations

import ast
import inspect
import json
import re
from dataclasses import fields
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tests.docs.cli_help import cli_page
from tests.docs.pages import DOCS, ROOT, Block, blocks, headings
from tracklab.live.wants import parse_wants
from tracklab.query.filter_syntax import parse_filter
from tracklab.records.system import FIELDS, GPU_FIELDS
from tracklab.server.app import create_app
from tracklab.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

API = DOCS / "api.md"
EVENTS = DOCS / "reference/format/events.md"
SOURCES = sorted((ROOT / "tracklab").rglob("*.py"))

#: Read by what builds and tests the package.
TOOLS = ("hatch_build.py", "Makefile", ".ci/prepare.sh", "dashboards/web/vite.config.ts")
_VARIABLE = re.compile(r"\b(?:TRACKLAB|WANDB)_[A-Z][A-Z_]*[A-Z]\b")


def cells(page: Path, column: int = 0) -> list[str]:
    """Return one column of all tables of a page, without heads."""
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    found = [row.strip("|").split("|")[column].strip() for row in rows]
    return [
        cell
        for cell, following in zip(found, [*rows[1:], ""], strict=True)
        if not re.fullmatch(r"[|\s:-]*-[|\s:-]*", following) and not re.fullmatch(r":?-+:?", cell)
    ]


def quoted(page: Path, column: int = 0) -> list[str]:
    """Return what stands in backticks in one column of all tables of a page."""
    return [name for cell in cells(page, column) for name in re.findall(r"`([^`]+)`", cell)]


def constants(path: Path) -> Iterator[tuple[str, ast.AST | None]]:
    """Yield each text constant of a module with the call that it is an argument of, if any."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    owners = {
        id(argument): node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for argument in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, owners.get(id(node))


def called(call: ast.AST | None) -> str:
    """Return the last part of the name of what is called."""
    function = getattr(call, "func", None)
    return str(getattr(function, "attr", getattr(function, "id", "")))


# --- the environment and settings


def variables() -> set[str]:
    """Return every variable that is read: by its name, by a setting's, or by an argument's."""
    texts = [path.read_text(encoding="utf-8") for path in SOURCES]
    texts += [(ROOT / name).read_text(encoding="utf-8") for name in TOOLS]
    named = {name for text in texts for name in _VARIABLE.findall(text)}
    asked = {
        text
        for path in SOURCES
        for text, call in constants(path)
        if called(call) in {"_told", "of_environment"} and text.isupper()
    }
    arguments = {f"{prefix}_{name}" for name in asked for prefix in ("TRACKLAB", "WANDB")}
    return named | arguments | {f"TRACKLAB_{field.name.upper()}" for field in fields(Settings)}


def test_every_variable_has_an_entry() -> None:
    """And no entry is about a variable that nothing reads."""
    page = DOCS / "reference/environment.md"
    assert {name for name in quoted(page) if _VARIABLE.fullmatch(name)} == variables()


def test_only_three_modules_put_names_of_variables_together() -> None:
    """The test above knows how these do it; another would hide its variables from it."""
    found = {p.name for p in SOURCES if "TRACKLAB_{" in p.read_text(encoding="utf-8")}
    assert found == {"settings.py", "current.py", "options.py"}


def test_every_setting_has_an_entry() -> None:
    """With the default that it really has, where that is a number."""
    page = DOCS / "reference/settings.md"
    rows = dict(zip((c.strip("`") for c in cells(page)), cells(page, 1), strict=True))
    assert set(rows) == {field.name for field in fields(Settings)}
    for field in fields(Settings):
        if isinstance(field.default, float | int) and not isinstance(field.default, bool):
            base = 8 if field.name == "file_mode" else 10
            assert int(rows[field.name], base) == field.default


# --- events and rows


def kinds() -> set[str]:
    """Return every kind of event of ours that the code names."""
    return {
        text
        for path in SOURCES
        for text, call in constants(path)
        if re.fullmatch(r"tracklab\.[a-z_]+", text)
        and called(call) not in {"getLogger", "import_module", "plugins"}
        and not (ROOT / text.replace(".", "/")).is_dir()
    }


def test_every_kind_of_event_has_an_entry() -> None:
    """And no entry is about a kind that nothing writes or reads."""
    named = {title for title in headings(EVENTS, level=2) if title.startswith("tracklab.")}
    assert named == kinds()


def test_every_kind_in_the_schema_has_an_entry() -> None:
    """The schema and the page are two descriptions of one format."""
    schema = json.loads((DOCS / "reference/format/line.schema.json").read_text(encoding="utf-8"))
    known = {
        rule["if"]["properties"]["logger"]["const"] for rule in schema["$defs"]["event"]["allOf"]
    }
    assert known <= set(headings(EVENTS, level=2))


def test_every_name_of_a_system_row_has_an_entry() -> None:
    """With its OpenTelemetry name beside it."""
    page = DOCS / "reference/format/system_metrics.md"
    entries = dict(zip(quoted(page), quoted(page, 3), strict=True))
    machine = {name: field.otel for name, field in FIELDS.items()}
    cards = {
        f"gpu.<i>.{name}": field.otel.replace("{gpu}", "<i>") for name, field in GPU_FIELDS.items()
    }
    assert entries == machine | cards


# --- the command line and HTTP


def test_the_command_line_is_as_its_page_says() -> None:
    """To make it anew: python -m tests.docs.cli_help > docs/reference/cli.md."""
    assert (DOCS / "reference/cli.md").read_text(encoding="utf-8") == cli_page()


@pytest.mark.integration
def test_every_route_has_an_entry(root: Path) -> None:
    """And every parameter of a query is named in it, or below the table."""
    paths: dict[str, dict[str, Any]] = create_app(root).openapi()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert {name for name in quoted(API) if re.match(r"(GET|POST|PATCH|DELETE) /", name)} == routes
    text = API.read_text(encoding="utf-8")
    parameters = {
        parameter["name"]
        for methods in paths.values()
        for route in methods.values()
        for parameter in route.get("parameters", ())
        if parameter["in"] == "query"
    }
    assert {name for name in parameters if f"`{name}`" not in text} == set()


def test_every_live_message_has_an_entry() -> None:
    """The types that the live room sends are those of the page."""
    code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "tracklab/live").glob("*.py"))
    sent = set(re.findall(r"(?:encode|broadcast|_tell)\(\s*\"([a-z_]+)\"", code))
    start = headings(API).index("Live updates")
    assert start
    shown = set(
        re.findall(r"`([a-z_]+)`", API.read_text(encoding="utf-8").split("# Live updates")[1])
    )
    assert sent
    assert sent <= shown


def test_the_subscription_on_the_page_is_one() -> None:
    """The server takes it as it stands there."""
    example = next(block for block in blocks(API) if '"sub"' in block.text)
    wants = parse_wants(json.loads(example.text)["data"])
    assert (wants.system, wants.console is not None) == (True, True)


def test_every_filter_on_the_page_can_be_read() -> None:
    """The examples of the filter language are filters."""
    examples = next(block for block in blocks(API) if block.text.startswith("status = "))
    for line in examples.text.splitlines():
        parse_filter(line, now_s=0.0)


# --- the Python API


def signatures(text: str) -> list[tuple[str, str]]:
    """Return the names and arguments of a signature block."""
    return re.findall(r"^([\w.]+)\((.*?)\)$", text, re.MULTILINE | re.DOTALL)


def shown_parameters(arguments: str) -> list[tuple[str, str, Any]]:
    """Return name, kind and default of each parameter, as a page writes them."""
    scope: dict[str, Any] = {"time": import_module("time")}
    exec(f"def shown({arguments}): pass", scope)  # noqa: S102 - our own pages
    return parameters_of(scope["shown"])


def parameters_of(function: Any) -> list[tuple[str, str, Any]]:
    """Return name, kind and default of each parameter but `self`."""
    found = inspect.signature(function).parameters.values()
    return [(p.name, p.kind.name, p.default) for p in found if p.name != "self"]


def resolve(name: str) -> Any:
    """Return what a dotted name means, importing modules on the way."""
    found: Any = tracklab
    path = "tracklab"
    for part in name.split(".")[1:]:
        path += f".{part}"
        found = getattr(found, part) if hasattr(found, part) else import_module(path)
    return found


@pytest.mark.parametrize(
    "block", [b for b in blocks(API) if b.mark == "signature"], ids=lambda block: block.place
)
def test_a_signature_is_the_real_one(block: Block) -> None:
    """Names, order, kinds and defaults of all parameters."""
    assert signatures(block.text)
    for name, arguments in signatures(block.text):
        assert (name, shown_parameters(arguments)) == (name, parameters_of(resolve(name)))


def test_every_public_name_is_on_the_page() -> None:
    """`tracklab.__all__` is what users may rely on."""
    text = API.read_text(encoding="utf-8")
    assert [name for name in tracklab.__all__ if not re.search(rf"\b{name}\b", text)] == []


def test_every_method_of_a_run_is_on_the_page() -> None:
    """Methods and properties, but those that the package calls itself."""
    internal = {"add_environment", "begin", "fail", "is_telling", "system_row", "writer_of_rows"}
    text = API.read_text(encoding="utf-8")
    public = {name for name in dir(tracklab.Run) if not name.startswith("_")} - internal
    assert {name for name in public if not re.search(rf"`{name}`|Run\.{name}\(", text)} == set()


# --- rooms and dependencies


def listed(name: str) -> list[str]:
    """Return the texts of a list in pyproject.toml; Python 3.10 has no reader of that format."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(rf"^{name} = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert found
    return re.findall(r"^ *\"(.*?)\"", found[1], re.MULTILINE)


def test_every_room_has_a_sentence() -> None:
    """The table of rooms is the list that the import contract knows."""
    rooms = [name for layer in listed("layers") for name in re.findall(r"\w+", layer)]
    table = (DOCS / "architecture.md").read_text(encoding="utf-8").split("| room |")[1]
    named = re.findall(r"^\| `(\w+)` \|", table.split("\n\n")[0], re.MULTILINE)
    assert sorted(named) == sorted(rooms)


def test_every_dependency_has_a_sentence() -> None:
    """Of the package, of its development, and of the web UI."""
    python = [line for name in ("dependencies", "llm", "compat", "dev") for line in listed(name)]
    names = {re.split(r"[\[<>=~; ]", line)[0] for line in python}
    web = json.loads((ROOT / "dashboards/web/package.json").read_text(encoding="utf-8"))
    names |= {*web["dependencies"], *web["devDependencies"]}
    assert set(quoted(DOCS / "decisions/0005-dependencies.md")) == names
