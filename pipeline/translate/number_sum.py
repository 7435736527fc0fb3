"""The arithmetic of a number in words: what may follow what, and what it comes to."""

from __future__ import annotations

from fractions import Fraction

HALF = Fraction(1, 2)


class Sum:
    """A number while it is read: closed parts in millions and above, thousands, and what stands below a thousand.

    Each part is (constant, factor of the figures at the head), since the figures may have two readings.
    """

    def __init__(self) -> None:
        self.done = self.thousands = self.low = (Fraction(0), Fraction(0))
        self.big = 0  # the last scale of a million or above
        self.scale = 1  # the last scale of any size
        self.room = 1000  # what is added must be smaller
        self.tens = False
        self.short = False

    def figures(self) -> None:
        """Start with figures."""
        self.low, self.room = (Fraction(0), Fraction(1)), 1

    def put(self, value: Fraction) -> bool:
        """Add a word below a thousand; False when it cannot follow."""
        if value >= self.room or (value == 0 and any(self.low)):
            return False
        self.low = (self.low[0] + value, self.low[1])
        self.tens = 20 <= value < 100 and value % 10 == 0
        self.room = 10 if self.tens else 100 if value >= 100 and value % 100 == 0 else 1
        return True

    def half(self) -> None:
        """Add half of what was last named: of one, or of the scale."""
        if self.scale >= 1000:
            self.done = (self.done[0] + HALF * self.scale, self.done[1])
        else:
            self.low = (self.low[0] + HALF, self.low[1])
        self.room, self.tens = 0, False

    def times(self, scale: int) -> bool:
        """Multiply by a scale; False when it cannot follow."""
        if scale < 1000:
            if not any(self.low) or self.low[0] >= 100:
                return False
            self.low = _times(self.low, scale)
            self.room = 100 if scale == 100 else 0
        elif scale == 1000:
            if not any(self.low) or any(self.thousands):
                return False
            self.thousands, self.low, self.room = _times(self.low, 1000), _NOTHING, 1000
        else:
            group = _plus(self.thousands, self.low)
            if not any(group) or (self.big and scale >= self.big):
                return False
            self.done = _plus(self.done, _times(group, scale))
            self.thousands, self.low, self.big, self.room = _NOTHING, _NOTHING, scale, 1000
        self.scale, self.tens = scale, False
        return True

    def value(self, reading: Fraction) -> Fraction:
        """Return the number, with the figures at its head read in one way."""
        constant, factor = _plus(self.done, _plus(self.thousands, self.low))
        return constant + factor * reading


_Part = tuple[Fraction, Fraction]
_NOTHING: _Part = (Fraction(0), Fraction(0))


def _times(part: _Part, scale: int) -> _Part:
    return part[0] * scale, part[1] * scale


def _plus(one: _Part, other: _Part) -> _Part:
    return one[0] + other[0], one[1] + other[1]
