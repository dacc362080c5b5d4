"""Seeds for the many places where chance enters, each its own, all from the one in the params."""

import hashlib
import json


def derive(*parts: int | str) -> int:
    """A seed of 63 bits that depends on all parts and nothing else.

    Chance that hangs on (seed, step) rather than on what was drawn before can be taken up anywhere: after a kill, in
    another batch size, on another number of processes.
    """
    return int.from_bytes(hashlib.sha256(json.dumps(parts).encode()).digest()[:8], "big") >> 1
