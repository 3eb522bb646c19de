"""Spoils plain content at one place, for tests that sign what no sound issuer would write."""

import copy
import random
from typing import Any

JUNK = (None, True, 0, -1, 1.5, 2**52, "", "x", "\x00", "\u202e", "9" * 400, [], [[]], {}, {"": None}, ["x", 7, None])


def spoilt(content: Any, chance: random.Random) -> Any:
    """A copy in which one value, wherever it stands, is another one or gone."""
    whole = {"": copy.deepcopy(content)}
    places = list(_places(whole))
    group, name = chance.choice(places)
    if chance.random() < 0.2 and group is not whole:
        del group[name]
    else:
        group[name] = copy.deepcopy(chance.choice(JUNK))
    return whole[""]


def _places(group: Any) -> Any:
    for name, value in list(group.items()) if isinstance(group, dict) else list(enumerate(group)):
        yield group, name
        if isinstance(value, dict | list):
            yield from _places(value)
