"""The demo's service and its client, over real sockets."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tracklab.demo import client, model
from tracklab.demo.service import AT_A_TIME, LONGEST_PROMPT, Service
from tracklab.demo.traffic import Question, traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

SMALL = model.Shape(context=4, embedding=4, hidden=8)


@pytest.fixture
def service() -> Iterator[Service]:
    """Return a service with one untrained model, `small`."""
    service = Service({"small": model.initial(SMALL, seed=1, dtype=np.float32)})
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.shutdown()
    thread.join()
    service.server_close()


@pytest.mark.parametrize("operation", ["chat", "completion"])
@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_says_how_many_tokens_it_has(
    service: Service, operation: str, *, stream: bool
) -> None:
    """Streamed or whole, the usage fits the text and its end has a reason."""
    question = Question("small", "Anne", longest=20, operation=operation, stream=stream)

    parts = list(client.ask(service.url, question))
    choices = [part["choices"][0] for part in parts]
    text = "".join(
        choice.get("text")
        or (choice.get("delta") or choice.get("message") or {}).get("content", "")
        for choice in choices
    )

    assert parts[-1]["usage"]["prompt_tokens"] == len("Anne")
    assert parts[-1]["usage"]["completion_tokens"] == len(text) > 0
    assert choices[-1]["finish_reason"] == ("length" if len(text) == 20 else "stop")
    assert {choice["finish_reason"] for choice in choices[:-1]} <= {None}


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (Question("small", "x" * (LONGEST_PROMPT + 1)), client.ContextTooLongError),
        (Question("large", "Anne"), client.ServiceError),
    ],
)
def test_a_refusal_has_its_own_error(
    service: Service, question: Question, error: type[Exception]
) -> None:
    """What the service says in its body becomes the kind of failure that is recorded."""
    with pytest.raises(error):
        list(client.ask(service.url, question))


def test_a_crowd_is_turned_away(service: Service) -> None:
    """With every place taken the next caller is told to come again."""
    for _ in range(AT_A_TIME):
        service.places.acquire()

    with pytest.raises(client.RateLimitedError):
        list(client.ask(service.url, Question("small", "Anne")))


def test_an_impatient_caller_gives_up(service: Service) -> None:
    """No byte in time is a failure of its own kind."""
    with service.turn, pytest.raises(client.ServiceTimeoutError):
        list(client.ask(service.url, Question("small", "Anne", patience_s=0.05)))


def test_traffic_is_of_every_kind_and_ends_after_so_many_calls() -> None:
    """Both models, both operations, long prompts and impatience occur, and a crowd."""
    questions = list(traffic(["a", "b"], calls=250, per_s=1e9, stop=lambda: False))

    assert len(questions) == 250
    assert {question.model for question in questions} == {"a", "b"}
    assert {question.operation for question in questions} == {"chat", "completion"}
    assert any(len(question.prompt) > LONGEST_PROMPT for question in questions)
    assert any(question.patience_s < 1 for question in questions)


def test_traffic_ends_when_asked() -> None:
    """A stopped demo asks nothing more."""
    assert list(traffic(["a", "b"], calls=10, per_s=1e9, stop=lambda: True)) == []
