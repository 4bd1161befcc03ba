"""The floor as one HTML file that works offline."""

from __future__ import annotations

from markupsafe import Markup

from samehand.pricing.figure import draw_floors
from samehand.pricing.outcome import NOTES, Price, bound_words, figures_of, floor_words, k_words
from samehand.report.html import HTML_LANG, asset, content_security_policy, environment
from samehand.texts import say


def render(price: Price, lang: str) -> bytes:
    """Render the page."""
    info = price.info
    script, style = Markup(), asset("style.css") + asset("price.css")
    notes = [say(f"price.{key}", lang, **figures_of(info)) for key in NOTES]
    if not info.plan.surrogates:
        notes.append(say("price.no_estimate", lang))
    text = (
        environment(lang)
        .get_template("price.html.j2")
        .render(
            info=info,
            figure=draw_floors(price.floors, lang),
            floors=[(one, floor_words(one, lang), k_words(one), bound_words(one)) for one in price.floors],
            notes=notes,
            html_lang=HTML_LANG[lang],
            policy=content_security_policy(script, style),
            style=style,
        )
    )
    return text.encode()
