"""The picture of the answer times: bars per working day against the target, as plain numbers for an inline SVG. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from flows.audit.account import Panel

WIDTH, HEIGHT = 640, 170  # of the whole picture, in its own units
_LEFT, _TOP, _FLOOR = 8, 34, 140  # where the bars begin, how high they reach, where they stand
_MOST_DAYS = 90  # whoever waited longer stands in the last column, which then says so
_NARROWEST_WITH_NUMBER = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """People with the same number of working days: answered, or still waiting (drawn hollow, above the answered)."""

    x: float
    y: float
    width: float
    height: float
    late: bool
    waiting: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A word or number at a place: the middle of a column."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything there is to draw for one panel."""

    bars: tuple[Bar, ...]
    numbers: tuple[Mark, ...]  # people, above their bars
    ticks: tuple[Mark, ...]  # working days, under the floor
    target_x: float
    target_label_left: bool  # the label stands left of the line where there is no room to its right


def picture_of(panel: Panel) -> Picture:
    """The bars of a panel. A column holds one working day; the target line stands after its last good day."""
    days = max(min(max(panel.longest, panel.target), _MOST_DAYS) + 1, 6)
    column = (WIDTH - 2 * _LEFT) / days
    answered, waiting = _cut(panel.answered, days), _cut(panel.waiting, days)
    tallest = max((answered.get(day, 0) + waiting.get(day, 0) for day in range(days)), default=0) or 1
    unit = (_FLOOR - _TOP - 16) / tallest
    bars: list[Bar] = []
    numbers: list[Mark] = []
    for day in range(days):
        top, x = float(_FLOOR), _LEFT + day * column
        for people, hollow in ((answered.get(day, 0), False), (waiting.get(day, 0), True)):
            if people:
                height = max(people * unit, 2)
                top -= height
                bars.append(Bar(round(x + 1, 2), round(top, 2), round(column - 2, 2), round(height, 2), day > panel.target, hollow))
        if top < _FLOOR and column >= _NARROWEST_WITH_NUMBER:
            numbers.append(Mark(round(x + column / 2, 2), round(top - 4, 2), str(answered.get(day, 0) + waiting.get(day, 0))))
    target_x = _LEFT + min(panel.target + 1, days) * column
    return Picture(tuple(bars), tuple(numbers), _ticks(days, column, panel.longest), round(target_x, 2), target_x > WIDTH * 0.7)


def _cut(people: dict[int, int], days: int) -> dict[int, int]:
    """People per column; the last column holds everybody beyond it."""
    cut: dict[int, int] = {}
    for day, number in people.items():
        cut[min(day, days - 1)] = cut.get(min(day, days - 1), 0) + number
    return cut


def _ticks(days: int, column: float, longest: int) -> tuple[Mark, ...]:
    step = 1 if column >= 24 else 5 if column >= 6 else 10
    shown = [day for day in range(days) if day % step == 0]
    if longest >= days:
        shown = [day for day in shown if days - 1 - day >= step] + [days - 1]
    return tuple(
        Mark(round(_LEFT + (day + 0.5) * column, 2), _FLOOR + 16, f"{day}+" if longest >= days and day == days - 1 else str(day))
        for day in shown
    )
