"""Pages from templates: everything is escaped, words are in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from samehand.casefile.exports.measures import Automated, Ground, MeasureKind, areas_of
from samehand.report.html import HTML_LANG, environment
from samehand.texts import LANGUAGES, Lang, check_lang, has

LANGUAGE_COOKIE: Final = "samehand_lang"
Values = Mapping[str, Any]
_MEASURES: Final[Values] = {
    "kinds": tuple(MeasureKind),
    "grounds": tuple(Ground),
    "automated": tuple(Automated),
    "areas": areas_of,
}
"""What forms of decisions offer, and how a territory is named."""


class Pages:
    """The templates of the app in every language; those of the report are there, too."""

    def __init__(self, common: Callable[[Request], Values], lang: str) -> None:
        """``common``: what every page knows beside its own values; ``lang``: until a reader chooses."""
        self._common = common
        self._first = check_lang(lang)
        self._environments = {lang: _environment(lang) for lang in LANGUAGES}

    def render(self, request: Request, name: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """Render a page."""
        lang = self.language(request)
        query = urlencode(
            [(key, value) for key, value in request.query_params.multi_items() if key != "done"]
        )
        here = request.url.path + (f"?{query}" if query else "")
        text = (
            self._environments[lang]
            .get_template(name)
            .render(
                **self._common(request),
                html_lang=HTML_LANG[lang],
                other_lang="zh" if lang == "en" else "en",
                other_html_lang=HTML_LANG["zh" if lang == "en" else "en"],
                here=here,
                path=request.url.path,
                done=request.query_params.get("done", ""),
                asked=dict(request.query_params),
                here_with=partial(_with, request),
                **values,
            )
        )
        return HTMLResponse(text, status, headers={"Content-Language": HTML_LANG[lang]})

    def language(self, request: Request) -> Lang:
        """Give the language that the reader chose, or else the browser's, or else that of the app."""
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        if chosen in LANGUAGES:
            return check_lang(chosen)
        asked = request.headers.get("accept-language", "").lower()
        return next((lang for lang in LANGUAGES if asked.startswith(lang)), self._first)


def _with(request: Request, **changes: object) -> str:
    """Write the path of a request with some of its query changed; None leaves a part out."""
    asked = {name: value for name, value in request.query_params.items() if name != "done"} | changes
    kept = {name: value for name, value in asked.items() if value is not None and value != ""}
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


def _environment(lang: str) -> Environment:
    made = environment(lang)
    made.loader = ChoiceLoader(
        [PackageLoader("samehand.web", "templates"), PackageLoader("samehand.report", "templates")]
    )
    made.globals.update(url=url, has=has, measures=_MEASURES)
    return made


def url(*parts: object, **query: object) -> str:
    """Write a path of the app: every part and every value is quoted; values that are None or "" are left out.

    >>> url("runs", 3, "account", id="a/b&c")
    '/runs/3/account?id=a%2Fb%26c'
    """
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    asked = {name: value for name, value in query.items() if value is not None and value != ""}
    return f"{path}?{urlencode(asked)}" if asked else path
