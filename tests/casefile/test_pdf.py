"""The report as PDF: A4, vector graphics, both languages, the same bytes, and names that are never markup."""

from __future__ import annotations

import io
import json
import re

import pytest
from pypdf import PdfReader

from samehand.casefile import fonts
from samehand.casefile.blocks import Paragraph, to_text
from samehand.casefile.case import Case, open_case
from samehand.casefile.harm import read_harm
from samehand.casefile.pdf import render_pdf
from samehand.casefile.report import report_blocks
from samehand.errors import InputError
from samehand.run_folder import write_run
from tests.cli.terminal import samehand
from tests.report.hostile import hostile_run

VERDICTS = {
    "en": r"\bprov(e[dns]?|ing|able)\b|\bproofs?\b|\bguilty\b|\bcriminal|\bculprit|\bbots?\b|beyond .* doubt",
    "zh": "证明|证实|有罪|罪犯|犯罪|元凶|确凿|机器人",
}
needs_chinese = pytest.mark.skipif(
    not any(family in fonts.installed() for family in fonts.CHINESE),
    reason="no font for Chinese here (apt-get install fonts-noto-cjk)",
)
LANGUAGES = ["en", pytest.param("zh", marks=needs_chinese)]


def pages(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text_of(content: bytes, most: int | None = None) -> str:
    return "\n".join(page.extract_text() for page in pages(content).pages[:most]).replace("\u200b", "")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report(run_folder, fleet_id, lang):
    case = open_case(run_folder, fleet_id, lang)
    blocks = report_blocks(case)
    content = render_pdf(case, blocks)
    assert render_pdf(case, report_blocks(case)) == content
    read = pages(content)
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in read.pages} == {(595, 842)}
    assert [image for page in read.pages for image in page.images] == []  # charts are vectors
    assert b"pdfaid" in content
    text = text_of(content)
    assert fleet_id in text
    words = {"en": ("suspected", "Stated rate of error", "Innocent explanations considered", "How to verify"),
             "zh": ("疑似", "错误率陈述", "已考虑的正当解释", "如何核验")}[lang]  # fmt: skip
    for word in words:
        assert word in text
    assert not re.search(VERDICTS[lang], text + to_text(blocks), re.IGNORECASE)
    assert str(read.metadata.title) in text
    check_names(case, text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_what_pdf_a_2b_asks_for(run_folder, fleet_id, lang):
    """As far as it can be read off without a validator: nothing comes from elsewhere, and nothing runs."""
    case = open_case(run_folder, fleet_id, lang)
    content = render_pdf(case, report_blocks(case))
    read = pages(content)
    root = read.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert re.search(r"<pdfaid:part>2</pdfaid:part>", xmp)
    assert re.search(r"<pdfaid:conformance>B</pdfaid:conformance>", xmp)
    assert content.startswith(b"%PDF-1.7\n%")
    assert len(read.trailer["/ID"]) == 2
    (intent,) = root["/OutputIntents"]
    assert intent["/S"] == "/GTS_PDFA1"
    profile = intent["/DestOutputProfile"].get_data()
    assert (profile[36:40], profile[16:20]) == (b"acsp", b"RGB ")
    kinds = [str(font["/Subtype"]) for font in fonts_of(read)]
    assert kinds
    assert [font["/BaseFont"] for font in fonts_of(read) if not is_embedded(font)] == []
    assert not {"/OpenAction", "/AA", "/AcroForm", "/Names"} & set(root)
    assert not re.search(rb"/(JavaScript|Launch|EmbeddedFile|Encrypt|RichMedia|Movie|Sound)\b", content)


def fonts_of(read: PdfReader) -> list:
    """Every font of every page and form, descendants of composite ones in their stead."""
    found: dict[int, object] = {}

    def look(resources) -> None:
        for font in resources.get("/Font", {}).values():
            for one in font.get_object().get("/DescendantFonts", [font]):
                found[id(one.get_object())] = one.get_object()
        for form in resources.get("/XObject", {}).values():
            if "/Resources" in form.get_object():
                look(form.get_object()["/Resources"].get_object())

    for page in read.pages:
        look(page["/Resources"].get_object())
    return list(found.values())


def is_embedded(font) -> bool:
    files = {"/FontFile", "/FontFile2", "/FontFile3"}
    return bool(font["/Subtype"] == "/Type3" or files & set(font["/FontDescriptor"]))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_paper_says_more_than_is_known(run_folder, fleet_id, lang, tmp_path):
    done = samehand("bundle", run_folder, fleet_id, "--out", tmp_path / "case.zip", "--lang", lang)
    assert done.code == 0, done.err
    from samehand.casefile.verifier import check

    files = check(str(tmp_path / "case.zip"))[0]
    for name in (
        "readme.txt",
        "statement.txt",
        "report.txt",
        "clock.txt",
        "error-rate.txt",
        "alternatives.txt",
    ):
        content = files[name].decode()
        assert not re.search(VERDICTS[lang], content, re.IGNORECASE), name
    assert {"en": "suspected", "zh": "疑似"}[lang] in files["statement.txt"].decode()


def check_names(case: Case, text: str) -> None:
    """Names of the log stand as they are."""
    accounts = case.dossier.members["account"].to_pylist()
    plain = [name for name in accounts if name.isascii() and name.isprintable() and len(name) < 60]
    assert any(name.startswith("#import") for name in plain)
    assert any(name.startswith("*bold*") for name in plain)
    solid = "".join(text.split())
    for name in plain:
        assert "".join(name.split()) in solid


@needs_chinese
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hostile_texts_everywhere(tmp_path, lang):
    info, tables = hostile_run()
    write_run(tmp_path, info, tables)
    case = open_case(tmp_path, tables.fleets["fleet_id"][0].as_py(), lang)
    content = render_pdf(case, report_blocks(case))
    assert "{{ 7*7 }}" in text_of(content, most=4)
    assert b"/JavaScript" not in content
    assert b"/URI" not in content
    assert b"/Launch" not in content


@needs_chinese
def test_markup_of_typst_is_shown_and_not_run(case):
    tricks = [
        '#read("/etc/passwd")', '#import "@preview/x:1.0.0": *', "*bold* _it_ $x^2$ `raw` @ref <label>", "\\ ~ -- ---",
        "= heading", "https://evil.example/", "#sys.inputs", "//comment", "/*open", "]]#[", "账号帐号𠀀😀ก",
    ]  # fmt: skip
    text = text_of(render_pdf(case, [Paragraph(text=one) for one in tricks]))
    for one in tricks[:-1]:
        assert "".join(one.split()) in "".join(text.split()).replace("’", "'"), one
    assert "账号帐号⟨U+20000⟩⟨U+1F600⟩⟨U+0E01⟩" in text


def test_without_a_font_the_package_is_named(case, monkeypatch):
    monkeypatch.setattr(fonts, "installed", dict)
    with pytest.raises(InputError, match="no font for Chinese") as caught:
        render_pdf(case, [Paragraph(text="疑似")])
    assert "apt-get install fonts-noto-cjk" in caught.value.hint
    assert render_pdf(case, [Paragraph(text="no Chinese in it")]).startswith(b"%PDF-")


def ledger(sha256: str | None, fleet_id: str) -> str:
    count = {
        "scope": fleet_id,
        "item": "actions",
        "of": None,
        "unit": "action",
        "low": 10,
        "mid": 12.5,
        "high": 20,
    }
    advertising = {"name": "advertising", "source": "#read(1) price list 2026"}
    value = count | {
        "item": "lost_advertising", "unit": "CNY", "formula": "actions * advertising", "inputs": [advertising]
    }  # fmt: skip
    other = count | {"scope": "F9999", "item": "secret_of_another"}
    return json.dumps(
        {"info": {"sources": [{"sha256": sha256}]}, "counts": [count, other], "values": [value]}
    )


def test_harm_is_shown_where_it_was_given(run_folder, fleet_id, tmp_path, case):
    file = tmp_path / "harm.json"
    file.write_text(ledger(case.info.sources[0].sha256, fleet_id))
    out = tmp_path / "report.pdf"
    done = samehand("casefile", run_folder, fleet_id, "--out", out, "--harm", file)
    assert done.code == 0, done.err
    text = text_of(out.read_bytes())
    assert "#read(1) price list 2026" in " ".join(text.split())
    assert "actions * advertising" in " ".join(text.split())
    assert "secret_of_another" not in text
    assert b"secret_of_another" not in read_harm(file).content_of(fleet_id)
    file.write_text(ledger("0" * 64, fleet_id))
    done = samehand("casefile", run_folder, fleet_id, "--out", tmp_path / "other.pdf", "--harm", file)
    assert done.code == 2
    assert "another log" in done.err
    assert not (tmp_path / "other.pdf").exists()


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"info": {}, "counts": 3, "values": []}', "\xff"])
def test_a_harm_ledger_that_is_none(tmp_path, content):
    (tmp_path / "harm.json").write_text(content, encoding="latin-1")
    with pytest.raises(InputError, match="no harm ledger"):
        read_harm(tmp_path / "harm.json")


def test_who_asks_for_the_pdf_of_a_run_is_told_the_command(run_folder):
    done = samehand("report", run_folder, "--format", "pdf")
    assert done.code == 2
    assert "samehand casefile RUN FLEET" in done.err
