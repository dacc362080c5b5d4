"""Errors that a user can act on."""


class WebpairsError(Exception):
    """What the user can mend: the message names the cause and the next step, and is shown without a traceback."""


def listing(heading: str, problems: list[str]) -> WebpairsError:
    """One error for all problems of a kind: the heading, then a line a problem."""
    return WebpairsError("\n".join([heading, *(f"  {problem}" for problem in problems)]))
