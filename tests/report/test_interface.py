"""One way to render: formats by name, files whole or not at all."""

import pytest

from samehand.errors import OptionError
from samehand.report.interface import FORMATS, Format, format_named, render_report
from samehand.run_folder import read_run, write_run
from tests.report.fake_run import fake_run


@pytest.fixture(scope="module")
def run():
    return fake_run(2, 20)


def test_formats_have_names_and_suffixes_of_their_own():
    formats: tuple[Format, ...] = FORMATS
    assert [f.name for f in formats] == ["html", "json", "graphml", "gexf", "csv"]
    assert len({f.suffix for f in formats}) == len(formats)


def test_a_run_read_back_from_its_folder_renders_the_same(run, tmp_path):
    info, tables = run
    write_run(tmp_path, info, tables)
    for known in FORMATS:
        assert known.render(*read_run(tmp_path), "en") == known.render(info, tables, "en")


def test_the_file_is_what_is_returned(run, tmp_path):
    path = tmp_path / "r.html"
    path.write_text("old")
    content = render_report(*run, path, "html", "zh")
    assert path.read_bytes() == content
    assert render_report(*run) == format_named("html").render(*run, "en")
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]


def test_unknown_format_and_language(run):
    with pytest.raises(OptionError, match="unknown report format 'pdf'"):
        render_report(*run, None, "pdf")
    with pytest.raises(OptionError, match="no texts in language 'de'"):
        render_report(*run, None, "html", "de")


def test_a_failure_leaves_the_old_file_and_nothing_else(run, tmp_path, monkeypatch):
    path = tmp_path / "r.csv"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("samehand.placing.os.replace", fail)
    with pytest.raises(OptionError, match="cannot write the report: No space left"):
        render_report(*run, path, "csv")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["r.csv"]


def test_a_missing_folder_is_named(run, tmp_path):
    with pytest.raises(OptionError, match="cannot write the report: No such file"):
        render_report(*run, tmp_path / "no" / "r.html")
