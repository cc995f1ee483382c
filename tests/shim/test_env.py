"""`wandb.env` and the little that programs borrow beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tracklab.sdk import formalities
from tracklab.shim import encoding, env, paths
from tracklab.shim.names import NAMES


@pytest.mark.parametrize(
    ("variable", "text", "read", "value"),
    [
        ("WANDB_PROJECT", "p", env.get_project, "p"),
        ("WANDB_ENTITY", "e", env.get_entity, "e"),
        ("WANDB_RUN_ID", "r", env.get_run, "r"),
        ("WANDB_USERNAME", "u", env.get_username, "u"),
        ("WANDB_BASE_URL", "http://b", env.get_base_url, "http://b"),
        ("WANDB_DIR", "/d", env.get_dir, "/d"),
        ("WANDB_TAGS", "a,b", env.get_tags, ["a", "b"]),
        ("WANDB_MODE", "dryrun", env.is_offline, True),
        ("WANDB_QUIET", "true", env.is_quiet, True),
        ("WANDB_SILENT", "0", env.is_silent, False),
        ("WANDB_SAVE_CODE", "1", env.should_save_code, True),
        ("WANDB_DISABLE_GIT", "yes", env.disable_git, True),
        ("WANDB_CACHE_DIR", "/c", env.get_cache_dir, Path("/c")),
    ],
)
def test_the_environment_is_read_by_its_functions(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, read: Any, value: object
) -> None:
    """Each looks at its variable when it is called."""
    monkeypatch.setenv(variable, text)
    assert read() == value
    monkeypatch.delenv(variable)
    assert read() != value or value is False


def test_what_is_set_is_read() -> None:
    """In the environment, or in a mapping that is given."""
    given: dict[str, str] = {}
    env.set_project("p", given)
    env.set_entity("e", given)
    assert given == {"WANDB_PROJECT": "p", "WANDB_ENTITY": "e"}
    assert (env.get_project(env=given), env.get_entity("none", {})) == ("p", "none")


def test_every_constant_of_the_table_names_a_variable() -> None:
    """As programs write `os.environ[wandb.env.PROJECT]`."""
    constants = [path.rpartition(".")[2] for path in NAMES if path.startswith("env.")]
    found = {name: getattr(env, name) for name in constants if name.isupper()}
    assert found["PROJECT"] == "WANDB_PROJECT"
    assert all(text.startswith("WANDB_") for text in found.values())


def test_a_switch_is_yes_or_no() -> None:
    """And nothing else."""
    assert [env.strtobool(word) for word in ("1", "Yes", "off", "n")] == [True, True, False, False]
    with pytest.raises(ValueError, match="perhaps"):
        env.strtobool("perhaps")


def test_odd_values_become_json() -> None:
    """Strictly: what JSON cannot say becomes something it can."""
    assert encoding.json_dumps_safer({"a": {1, 2}, "b": float("nan")}) == '{"a":[1,2],"b":null}'
    assert encoding.json_friendly((1, 2)) == ([1, 2], True)
    assert encoding.json_friendly("x") == ("x", False)
    assert encoding.make_artifact_name_safe("a b/c") == "a_b_c"
    assert len(encoding.make_artifact_name_safe("x" * 200)) == 128
    assert paths.to_forward_slash_path("a/b") == "a/b"


def test_there_is_a_key_and_nobody_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs look for one before they begin."""
    monkeypatch.setenv("WANDB_ENTITY", "team")
    formalities.api.set_setting("base_url", "http://x")
    assert formalities.api.api_key == "local"
    assert formalities.api.settings["entity"] == "team"
    assert formalities.api.viewer()["username"]
