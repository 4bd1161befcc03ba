"""A sheet to draw on: every text that is put on it is escaped, every number is short."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape


@dataclass(frozen=True)
class Chart:
    """A drawn chart, and how much of what there was it shows."""

    markup: Markup
    n_shown: int
    n_total: int


@dataclass(frozen=True)
class Wording:
    """What a chart says to readers and screen readers, in the reader's language."""

    name: str
    """Unique on the page: the ids of title and description are made from it."""
    title: str
    description: str


class Sheet:
    """Collects SVG elements and renders them as one ``<svg>`` with title and description for screen readers.

    Colours and line widths are classes of the page's style sheet, so that a chart follows the page into the
    dark and onto paper.

    >>> sheet = Sheet(10, 5, Wording("c1", title="<b>", description=""))
    >>> sheet.rect(0, 0, 2.0, 1.25, "bar")
    >>> svg = sheet.render()
    >>> '<rect x="0" y="0" width="2" height="1.2" class="bar"/>' in svg, "<b>" in svg, "&lt;b&gt;" in svg
    (True, False, True)
    """

    def __init__(self, width: float, height: float, wording: Wording) -> None:
        self._size = (
            f'viewBox="0 0 {short(width)} {short(height)}" width="{short(width)}" height="{short(height)}"'
        )
        self._wording = wording
        self._parts: list[str] = []

    def path(self, d: str, css: str) -> None:
        """Draw a path; ``d`` is made by our own code from numbers alone."""
        if d:
            self._parts.append(f'<path class="{css}" d="{d}"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        """Draw a straight line."""
        self.path(f"M{short(x1)} {short(y1)}L{short(x2)} {short(y2)}", css)

    def rect(self, x: float, y: float, width: float, height: float, css: str) -> None:
        """Draw a rectangle."""
        size = f'width="{short(max(width, 0))}" height="{short(max(height, 0))}"'
        self._parts.append(f'<rect x="{short(x)}" y="{short(y)}" {size} class="{css}"/>')

    def circle(self, x: float, y: float, radius: float, css: str, title: str = "", href: str = "") -> None:
        """Draw a disc, with a text that shows when it is pointed at, and a page that it leads to.

        The keyboard passes over such links: there may be hundreds, and a page offers the same in a list.
        """
        at = f'cx="{short(x)}" cy="{short(y)}" r="{short(radius)}"'
        inside = f"<title>{escape(title)}</title>" if title else ""
        disc = f'<circle {at} class="{css}">{inside}</circle>'
        self._parts.append(f'<a href="{escape(href)}" tabindex="-1">{disc}</a>' if href else disc)

    def text(self, x: float, y: float, text: str, css: str = "label") -> None:
        """Write a text; ``css`` may hold ``end`` or ``middle`` to say where x is."""
        self._parts.append(f'<text x="{short(x)}" y="{short(y)}" class="{css}">{escape(text)}</text>')

    def render(self) -> Markup:
        """Give the finished ``<svg>`` element."""
        name = escape(self._wording.name)
        head = (
            f'<svg {self._size} role="img" aria-labelledby="{name}-t {name}-d">'
            f'<title id="{name}-t">{escape(self._wording.title)}</title>'
            f'<desc id="{name}-d">{escape(self._wording.description)}</desc>'
        )
        return Markup(head + "".join(self._parts) + "</svg>")  # noqa: S704  (every text went through escape)


def short(value: float) -> str:
    """Write a coordinate with one decimal at most.

    >>> [short(x) for x in (12.0, 3.14159, -0.01)]
    ['12', '3.1', '0']
    """
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text
