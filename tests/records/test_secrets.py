"""Secrets are hidden by name and by look; what only resembles one stays."""

from __future__ import annotations

import time

import pytest

from tracklab.records.secrets import (
    is_secret_name,
    masked_arguments,
    masked_text,
    masked_values,
)

AWS = "AKIA" + "ABCDEFGHIJKLMNOP"
GITHUB = "ghp_" + "a1B2" * 9
OPENAI = "sk-" + "proj-" + "a1B2c3D4" * 4
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N"


@pytest.mark.parametrize(
    "name",
    ["api_key", "--api-key", "apiKey", "OPENAI_API_KEY", "key", "HF_TOKEN", "authToken",
     "use_auth_token", "dbPassword", "DB_PASSWD", "secret", "client_secret_id", "private_key",
     "aws_secret_access_key", "basic_auth", "Authorization", "data.password", "SLURM_JWT",
     "OPENAI_KEY", "openaiKey", "hf_key", "WANDB_KEY", "ACCESS_KEY", "PRIVATE_KEY", "SECRET_KEY",
     "DB_PASS", "PASS", "dbPass", "smtp_pass", "pw", "db_pw", "PASSW"],
)  # fmt: skip
def test_a_name_of_a_secret_is_known(name: str) -> None:
    """However it is spelled."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["max_tokens", "tokenizer", "token_type", "pad_token", "eos_token", "eos_token_id", "author",
     "monkey", "sort_key", "image_key", "keys", "key_dim", "authority", "lr", "", "12", "passes",
     "primary_key", "group_key", "bypass", "pass_rate", "pass_at_1", "forward_pass", "lowpass",
     "compass", "openai_model", "pwm", "key_openai"],
)  # fmt: skip
def test_a_name_of_a_hyperparameter_is_none(name: str) -> None:
    """Hiding these would cost what a run is recorded for."""
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"id {AWS} here", "id *** here"),
        (f"{GITHUB} {OPENAI} {JWT}", "*** *** ***"),
        ("https://me:pass@host/x.git", "https://***@host/x.git"),
        ("https://token@host/x.git", "https://***@host/x.git"),
        ("git@host:x/y.git and https://host/a@b", "git@host:x/y.git and https://host/a@b"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer ***"),
        (
            "+-----BEGIN RSA PRIVATE KEY-----\n+MIIE\n+-----END RSA PRIVATE KEY-----\nx",
            "+***\n\n\nx",
        ),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn", "***\n"),
        ("a commit 3f2c1d0e9b8a79685746352413021f0e9d8c7b6a", None),
        ("https://example.org/?q=1 10:30@noon sk-short", None),
        ("https://h/x?token=X&b=1", "https://h/x?token=***&b=1"),
        ("https://h/x?b=1&api_key=X#f", "https://h/x?b=1&api_key=***#f"),
        ("https://u:p@h/x?key=X, then", "https://***@h/x?key=*** then"),
        (
            "https://h/x?X-Amz-Date=1&X-Amz-Signature=a",
            "https://h/x?X-Amz-Date=1&X-Amz-Signature=***",
        ),
        ("https://h/x?max_tokens=5&sort_key=a&page_token=", None),
        ('f"https://h/x?token={token}"', None),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, expected: str | None) -> None:
    """And a text that does not stays as it is; None says that it does not."""
    assert masked_text(text) == (text if expected is None else expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('+    password = "hunter two"', '+    password = "***"'),
        ("-password: swordfish", "-password: ***"),
        ("export DB_PASSWORD=abc", "export DB_PASSWORD=***"),
        ('{"api_key": "abc", "lr": 1}', '{"api_key": "***", "lr": 1}'),
        ("connect(password='a', port=1)", "connect(password='***', port=1)"),
        ('api_key = os.environ["KEY"]', None),
        ("self.token = token", None),
        ("def f(token: str, key=None):", None),
        ("sorted(x, key=lambda x: 1)", None),
        ("max_tokens = 100; pad_token = '<pad>'", None),
    ],
)
def test_what_is_given_to_a_secret_name_is_hidden_in_code(text: str, expected: str | None) -> None:
    """But not the code that reads a secret from elsewhere."""
    assert masked_text(text, assigned=True) == (text if expected is None else expected)


def test_values_are_hidden_at_any_depth() -> None:
    """Texts only: a number is no secret, and the user's own values stay as they are."""
    config = {
        "lr": 1e-3, "max_tokens": 5, "db": [{"password": "a", "url": "pg://u:p@h/d"}],
        "token": 7, "api_key": ["a", None], "secret": {"inner": 1}, "tokenizer": "gpt2",
    }  # fmt: skip
    assert masked_values(config) == {
        "lr": 1e-3, "max_tokens": 5, "db": [{"password": "***", "url": "pg://***@h/d"}],
        "token": 7, "api_key": ["***", None], "secret": {"inner": 1}, "tokenizer": "gpt2",
    }  # fmt: skip
    assert config["api_key"] == ["a", None]


def test_arguments_are_hidden_by_name_and_look() -> None:
    """The value may be joined to its name, or follow it."""
    given = ["t.py", "--lr=3", "--api-key=a", "--token", "b", "PASSWORD=c", "x.auth=d", OPENAI,
             "--tokenizer", "gpt2", "--token", "--verbose", "-p", "pg://u:p@h/d"]  # fmt: skip
    assert masked_arguments(given) == [
        "t.py", "--lr=3", "--api-key=***", "--token", "***", "PASSWORD=***", "x.auth=***", "***",
        "--tokenizer", "gpt2", "--token", "--verbose", "-p", "pg://***@h/d",
    ]  # fmt: skip


def test_a_list_of_arguments_is_hidden_as_those_of_the_program() -> None:
    """What follows a secret option goes, or is joined to it; everything else stays."""
    given = ["run", "--password", "X", "--lr", "3", "--api-key=a", "-pw", "b", "--token", 7,
             "--token", "--fast", ("--secret", "c"), "- a password = none", "key", "value",
             "https://h/x?a=1&token=X"]  # fmt: skip
    assert masked_values({"args": given})["args"] == [
        "run", "--password", "***", "--lr", "3", "--api-key=***", "-pw", "***", "--token", 7,
        "--token", "--fast", ["--secret", "***"], "- a password = none", "key", "value",
        "https://h/x?a=1&token=***",
    ]  # fmt: skip


@pytest.mark.parametrize("url", ["https://h/x?token=X&b=1", "https://h/x?b=1&token=X"])
def test_an_address_is_hidden_alike_everywhere(url: str) -> None:
    """As an argument, behind an option, and as a value of the configuration."""
    expected = url.replace("token=X", "token=***")
    assert masked_arguments([url, f"--url={url}"]) == [expected, f"--url={expected}"]
    assert masked_values({"url": url}) == {"url": expected}


@pytest.mark.parametrize(
    "part",
    ["?a", "?a=", "&token=", "a", "a-", "a='", "password=", "://", "eyJ",
     "-----BEGIN PRIVATE KEY-----"],
)  # fmt: skip
def test_no_text_makes_hiding_slow(part: str) -> None:
    """A patch may hold anything; the time grows with its length."""
    began = time.process_time()
    masked_text(part * (200_000 // len(part)), assigned=True)
    assert time.process_time() - began < 1.0
