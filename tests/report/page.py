"""A rendered page, taken apart as a browser would, and a browser to open it in."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "link", "br", "input", "img"}


@dataclass
class Element:
    tag: str
    attributes: dict
    text: str = ""
    parents: tuple = ()


@dataclass
class Page(HTMLParser):
    """All elements of a page in their order."""

    html: str
    elements: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self._open = []
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs), parents=tuple(e.tag for e in self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, dict(attrs), parents=tuple(e.tag for e in self._open)))

    def handle_endtag(self, tag):
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data):
        if self._open:
            self._open[-1].text += data

    def all(self, tag):
        return [element for element in self.elements if element.tag == tag]

    def with_class(self, name):
        return [e for e in self.elements if name in (e.attributes.get("class") or "").split()]


def open_in_chromium(html: bytes, folder: Path, fragment: str = "", seconds: int = 5) -> str:
    """Open a page in headless Chromium; give the document after its scripts have run.

    ``seconds`` of virtual time may pass; with 0 the clock is real and the document is that after loading.
    """
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI has to have it (Debian package chromium)")
        pytest.skip("needs Chromium (Debian package chromium)")
    file = folder / "page.html"
    file.write_bytes(html)
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={folder / 'profile'}",
        *([f"--virtual-time-budget={seconds * 1000}"] if seconds else []),
        "--window-size=1280,900",
        "--dump-dom", f"{file.as_uri()}{fragment}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return done.stdout.decode()


def title_of(document: str) -> str:
    return re.search(r"<title>(.*?)</title>", document, re.DOTALL).group(1)
