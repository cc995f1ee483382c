"""What must not be written down unasked: values that are secret by their name or by their look.

The promise covers what is recorded without being told: arguments, configuration, addresses,
variables and patches. It errs towards hiding, but not so far that a hyperparameter goes: numbers
are never hidden, and `max_tokens`, `tokenizer`, `pad_token` or `author` are no secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["MASK", "is_secret_name", "masked_arguments", "masked_text", "masked_values"]

MASK: Final = "***"

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: Secret wherever they stand in a name.
_SECRET: Final = frozenset(
    {"apikey", "credential", "credentials", "jwt", "passphrase", "passwd", "password", "pwd",
     "secret", "secrets"}
)  # fmt: skip
#: Secret as the last word of a name, or as all of it.
_SECRET_AT_END: Final = frozenset(
    {"auth", "authorization", "bearer", "cookie", "pass", "passw", "pw", "token"}
)
#: `key` is one only by itself or behind one of these: `sort_key` and `primary_key` are not.
_KEYS: Final = frozenset(
    {"access", "account", "admin", "api", "app", "auth", "deploy", "encryption", "hmac", "license",
     "master", "private", "secret", "service", "signing", "ssh", "storage", "subscription", "tls"}
)  # fmt: skip
#: Or behind the name of a service that gives out keys: `OPENAI_KEY`.
_PROVIDERS: Final = frozenset(
    {"algolia", "anthropic", "aws", "azure", "claude", "cloudflare", "cohere", "comet", "dashscope",
     "datadog", "deepgram", "deepseek", "elevenlabs", "fireworks", "gcp", "gemini", "github",
     "gitlab", "google", "gpt", "groq", "hf", "huggingface", "kaggle", "langchain", "langfuse",
     "langsmith", "mapbox", "mistral", "moonshot", "neptune", "ngc", "nvidia", "openai",
     "openrouter", "perplexity", "pinecone", "qdrant", "replicate", "runpod", "s3", "sendgrid",
     "sentry", "serpapi", "serper", "slack", "stripe", "supabase", "tavily", "together", "twilio",
     "vertex", "voyage", "wandb", "weaviate", "xai"}
)  # fmt: skip
#: `pass` is none behind one of these: they say which way through the data or the network.
_PASSES: Final = frozenset(
    {"backward", "band", "by", "each", "every", "first", "forward", "full", "high", "last", "low",
     "multi", "next", "one", "per", "second", "single", "two"}
)  # fmt: skip
#: What gives access to a signed address, as the last word of a parameter in it.
_SIGNATURES: Final = frozenset({"sig", "signature"})
#: `token` is none behind one of these, which name tokens of a vocabulary.
_VOCABULARY: Final = frozenset(
    {"audio", "begin", "bos", "cls", "decoder", "end", "eos", "eot", "first", "image", "last",
     "mask", "next", "pad", "per", "sep", "special", "start", "stop", "suffix", "prefix", "unk",
     "video"}
)  # fmt: skip

# What a name is followed by when it gets a value, in a shell, in Python, in JSON, in YAML.
_ASSIGNED = re.compile(
    r"""(?P<name>(?<![\w.-])-*[A-Za-z_][\w.-]{0,80}(?![\w.-]))(?P<set>["']?\s*(?:=|:|=>)\s*)"""
    r"""(?P<quote>["']?)(?P<value>(?:(?!(?P=quote))[^\n])+|[^\s"',;)}\]]+)"""
)
# A parameter of an address; a value that code or a shell puts in is none.
_PARAMETER = re.compile(r"""(?<=[?&#])(?P<name>[\w.~%-]{1,80})=(?![{$])[^\s&#"'<>]+""")
_OPTION = re.compile(r"--?[A-Za-z][\w.-]{0,80}(?:=.*)?", re.DOTALL)
_HEADER: Final = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY"
_NAME = re.compile(r"[A-Za-z_]\w{0,80}")
_CODE = re.compile(
    r"[A-Za-z_]\w{0,80}[.(\[]|(?:None|True|False|null|true|false|str|bytes|bool|int)\b|lambda\b|\$"
)
_LOOKS = re.compile(
    "|".join(
        (
            # A private key, in a patch with a sign before each line; to its end, or to ours.
            rf"{_HEADER}(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
            r"(?<=://)[^/\s:@\"'<>]*:[^/\s@\"'<>]+(?=@)",  # user:password@host
            r"(?<=://)[^/\s:@\"'<>]+(?=@)",  # token@host
            r"(?i:(?<=bearer )|(?<=basic )|(?<=token ))[\w.~+/=-]{12,}",
            r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",  # AWS
            r"\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{18,}",
            r"\b(?:sk|pk|rk)-[\w-]{20,}|\b(?:sk|rk)_(?:live|test)_\w{16,}",  # OpenAI, Stripe, ...
            r"\bhf_[A-Za-z0-9]{30,}|\bxox[a-z]-[\w-]{10,}|\bAIza[\w-]{35}|\bnpm_\w{36}",
            r"\bpypi-[\w-]{50,}|\bdop_v1_[0-9a-f]{60,}|\bSG\.[\w-]{20,}\.[\w-]{40,}",
            r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*",  # JSON web tokens
        )
    ),
    re.DOTALL,
)


def is_secret_name(name: str) -> bool:
    """Return whether a value of this name is a secret: `api_key`, `HF_TOKEN`, `dbPassword`."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words:
        return False
    before, last = words[-2] if len(words) > 1 else "", words[-1]
    if not _SECRET.isdisjoint(words):
        return True
    if last == "key":
        return not before or before in _KEYS or before in _PROVIDERS
    harmless = {"token": _VOCABULARY, "pass": _PASSES}.get(last, frozenset())
    return last in _SECRET_AT_END and before not in harmless


def masked_text(text: str, *, assigned: bool = False) -> str:
    """Return `text` with what looks like a secret replaced by `***`.

    Args:
        text: any text; of an address, the user, the password and the values of parameters that
            are named like secrets or signatures go.
        assigned: also hide what is given to a name, as in `password = "..."`: for source code
            and command lines.

    Cost: some microseconds for a short text.
    """
    text = _PARAMETER.sub(_hide_parameter, _LOOKS.sub(_hide_lines, text))
    return _ASSIGNED.sub(_hide_assigned, text) if assigned else text


def masked_values(value: Any) -> Any:
    """Return a value made of dicts, lists and scalars with its secrets hidden, as a copy.

    A text is hidden by the name it stands under, by the option before it in a list
    (`["--password", "x"]`), and else where it looks like a secret.
    """
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, dict):
        return masked_mapping(value)
    return _masked_items(value) if isinstance(value, list | tuple) else value


def masked_mapping(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return named values with their secrets hidden; see `masked_values`."""
    return {name: _masked_item(name, value) for name, value in values.items()}


def masked_arguments(arguments: Iterable[str]) -> list[str]:
    """Return command-line arguments with secrets hidden.

    One is secret by its name, `--api-key=...`, `--token ...`, `PASSWORD=...`, or by its look.
    """
    masked: list[str] = []
    hide_next = False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        secret = "?" not in name and is_secret_name(name)  # of an address a parameter is hidden
        if hide_next and not argument.startswith("--"):
            masked.append(MASK)
        elif secret and equals:
            masked.append(f"{name}={MASK}")
        else:
            masked.append(masked_text(argument, assigned=True))
        hide_next = secret and not equals and argument.startswith("-")
    return masked


def _masked_items(items: Iterable[Any]) -> list[Any]:
    masked: list[Any] = []
    hide_next = False
    for item in items:
        if hide_next and isinstance(item, str) and not item.startswith("--"):
            masked.append(MASK)
            hide_next = False
            continue
        option = isinstance(item, str) and _OPTION.fullmatch(item) is not None
        masked.append(masked_arguments([item])[0] if option else masked_values(item))
        hide_next = option and "=" not in item and is_secret_name(item)
    return masked


def _masked_item(name: Any, value: Any) -> Any:
    if isinstance(name, str) and is_secret_name(name):
        if isinstance(value, str) and value:
            return MASK
        if isinstance(value, list | tuple):
            return [_masked_item(name, item) for item in value]
    return masked_values(value)


def _hide_lines(match: re.Match[str]) -> str:
    # As many lines as before: a patch stays one.
    return MASK + "\n" * match[0].count("\n")


def _hide_parameter(match: re.Match[str]) -> str:
    name = match["name"]
    words = _WORDS.findall(name)
    secret = is_secret_name(name) or (bool(words) and words[-1].lower() in _SIGNATURES)
    return f"{name}={MASK}" if secret else match[0]


def _hide_assigned(match: re.Match[str]) -> str:
    value = match["value"]
    if not is_secret_name(match["name"]) or value.startswith(MASK):
        return match[0]
    # A name or a call is how code reads a secret, not the secret: key = os.environ["KEY"].
    if not match["quote"] and (
        _CODE.match(value) or (_NAME.fullmatch(value) and is_secret_name(value))
    ):
        return match[0]
    return f"{match['name']}{match['set']}{match['quote']}{MASK}"
