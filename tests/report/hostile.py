"""Names that attackers choose, and the run that is full of them."""

import dataclasses

from samehand.events.check import HotTarget, LeftOut
from samehand.run_folder import LayerUse, Source
from tests.report.fake_run import fake_run

HOSTILE = (
    "<script>document.title='owned'</script>",
    "</script><script>document.title='owned'</script>",
    "</style></title></svg></details><img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "' onmouseover='document.title=1' x='",
    "<!--<script>",
    "]]><!--",
    "javascript:document.title='owned'",
    "{{ 7*7 }}{% for %}",
    "${7*7}`\\u003cscript\\u003e",
    "a\u2028b\u2029c",
    "nul\x00bell\x07esc\x1b[31m",
    "\u202egnp.exe\u2066",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1",
    "\ue000\ufffe\uffff",
    "שלום",
    "名字🙂",
    "&lt;b&gt;&amp;",
    "x" * 3000,
    " ",
)  # fmt: skip


def hostile_run(**options):
    """A run in which every text that can come from a log or a file name is hostile."""
    info, tables = fake_run(3, 60, texts=HOSTILE, **options)
    script = HOSTILE[1]
    quality = dataclasses.replace(
        info.quality,
        hot_targets=tuple(HotTarget(target=t, n_events=1, share=0.1) for t in HOSTILE),
        left_out=(LeftOut(what=script, count=1, why=HOSTILE[2]),),
        warnings=HOSTILE,
        time_format=script,
        missing={script: 3},
    )
    changes = {
        "quality": quality,
        "sources": tuple(Source(name=t, n_bytes=1, sha256=None) for t in HOSTILE),
        "mapping": {"account": list(HOSTILE), script: [script]},
        "config": info.config | {"layers": list(HOSTILE), script: script},
        "layers": (LayerUse(name=script, used=False, reason=HOSTILE[2], scales_us=()),),
        "bounded": (LeftOut(what=script, count=1, why=HOSTILE[2]),),
        "versions": {script: script},
        "timings_s": {script: 1.0},
        "samehand": script,
    }
    return dataclasses.replace(info, **changes), tables
