"""One call's way to a worker and back, and the order that results are given out in, wherever the workers are."""

import pickle
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from webpairs.errors import WebpairsError

Item = TypeVar("Item")
Result = TypeVar("Result")

ATTEMPTS = 3
# Results that may wait for a slower one before them: more would hold memory, fewer would leave processes idle while
# one large archive is being read.
AHEAD = 1000


@dataclass(frozen=True, slots=True)
class Failure:
    """What a call raised, in place of a result."""

    error: Exception
    traceback: str = ""


class Pool(Protocol):
    """Workers that take calls by number."""

    # What to do about a call that its workers die of.
    remedy: str

    def room(self) -> int:
        """How many calls it would take now."""

    def submit(self, number: int, call: tuple[Callable[[Any], Any], Any]) -> None:
        """Takes a call of a function with an item."""

    def wait(self) -> list[tuple[int, bytes | None]]:
        """Number and answer of calls that have ended, at least one; None where the worker died without an answer."""


def attempt(call: bytes) -> bytes:
    """Does a pickled call: its answer, pickled, whether it went well or not. This runs in the worker."""
    try:
        function, item = pickle.loads(call)
        return pickle.dumps(function(item))
    except Exception as error:
        return pickle.dumps(Failure(_picklable(error), traceback.format_exc()))


def in_order(pool: Pool, function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Yields the result for every item, in the order of the items, while the pool works on those that follow.

    An item whose worker dies is tried ATTEMPTS times in all; items that have an answer are never done again. A failure
    is raised when its turn comes, so that the same input fails in the same way.
    """
    answers: dict[int, bytes | Failure] = {}
    losses = Counter[int]()
    again = deque[int]()
    untried = 0
    for turn, item in enumerate(items):
        while turn not in answers:
            for _ in range(pool.room()):
                if again:
                    number = again.popleft()
                elif untried < min(turn + AHEAD, len(items)):
                    number, untried = untried, untried + 1
                else:
                    break
                pool.submit(number, (function, items[number]))
            for number, answer in pool.wait():
                if answer is not None:
                    answers[number] = answer
                    continue
                losses[number] += 1
                if losses[number] < ATTEMPTS:
                    again.append(number)
                else:
                    answers[number] = Failure(_lost(items[number], pool.remedy))
        yield _opened(answers.pop(turn), item)


def named(item: object) -> str:
    """The item in an error: enough of it to know it by."""
    text = repr(item)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _opened(answer: bytes | Failure, item: object) -> Any:
    found = answer if isinstance(answer, Failure) else pickle.loads(answer)
    if not isinstance(found, Failure):
        return found
    found.error.add_note(f"while working on {named(item)}")
    if found.traceback:
        found.error.add_note(f"in a worker:\n{found.traceback}")
    raise found.error


def _picklable(error: Exception) -> Exception:
    """The error, or one that says the same where it would not arrive as what it is."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _lost(item: object, remedy: str) -> WebpairsError:
    return WebpairsError(
        f"{named(item)}: the process that worked on it died {ATTEMPTS} times, most likely because memory ran out, or "
        f"of a defect in a library. {remedy}"
    )
