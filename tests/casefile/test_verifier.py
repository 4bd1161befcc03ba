"""The verifier: any changed byte, missing or extra file is found and named, and nothing tricks it."""

from __future__ import annotations

import ast
import hashlib
import io
import os
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.casefile import verifier
from samehand.casefile.archive import pack
from tests.casefile.made import FILES, sealed, told

ALL = sealed()
WHOLE = pack(ALL)
LEAVES = [
    b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43", bytes(range(0x50, 0x58)),
    bytes(range(0x60, 0x70)),
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.fixture
def at(tmp_path) -> Path:
    return tmp_path / "case.zip"


def spans() -> dict[str, tuple[int, int]]:
    """Where the content of each file is."""
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        return {
            one.filename: (start := one.header_offset + 30 + len(one.filename), start + one.file_size)
            for one in archive.infolist()
        }


SPANS = spans()


def test_a_sound_bundle_is_sound_and_is_a_plain_zip(at):
    at.write_bytes(WHOLE)
    files, problems, root = verifier.check(str(at))
    assert (files, problems) == (ALL, [])
    assert told(at, root) == told(at, root.upper()) == ""
    with zipfile.ZipFile(at) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == ALL


def test_merkle_roots_of_the_test_vectors_of_certificate_transparency():
    hashed = [hashlib.sha256(b"\0" + one).digest() for one in LEAVES]
    assert [verifier.merkle_root(hashed[:n]).hex() for n in range(1, 9)] == ROOTS
    assert verifier.merkle_root([]).hex() == hashlib.sha256(b"").hexdigest()


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
@settings(max_examples=150)
def test_any_flipped_byte_is_found_and_its_file_named(tmp_path_factory, place, mask):
    check_flip(tmp_path_factory.getbasetemp() / "flipped.zip", place, mask)


def test_each_byte_between_files_counts(at):
    inside = {place for start, end in SPANS.values() for place in range(start, end)}
    outside = [place for place in range(len(WHOLE)) if place not in inside]
    assert len(outside) > 500
    for place in outside:
        check_flip(at, place, 1 << place % 8)


def check_flip(at: Path, place: int, mask: int) -> None:
    changed = bytearray(WHOLE)
    changed[place] ^= mask
    at.write_bytes(changed)
    said = told(at)
    assert said
    for name, (start, end) in SPANS.items():
        if start <= place < end:
            assert name in said


@given(st.integers(0, len(WHOLE)), st.integers(0, 400), st.binary(max_size=400))
@settings(max_examples=100)
def test_any_piece_that_is_cut_out_or_put_in_is_found(tmp_path_factory, place, length, piece):
    changed = WHOLE[:place] + piece + WHOLE[place + length :]
    at = tmp_path_factory.getbasetemp() / "spliced.zip"
    at.write_bytes(changed)
    assert bool(told(at)) == (changed != WHOLE)


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_what_looks_like_an_archive_and_is_none(tmp_path_factory, noise):
    at = tmp_path_factory.getbasetemp() / "noise.zip"
    line = verifier.central_header(b"a.txt", 0, 2**31, 2**31)
    at.write_bytes(noise + line + noise + verifier.end_record(3, len(line) + len(noise), len(noise)))
    assert told(at)


@given(st.integers(0, len(WHOLE) - 1))
@settings(max_examples=60)
def test_a_truncated_bundle_is_refused(tmp_path_factory, length):
    at = tmp_path_factory.getbasetemp() / "cut.zip"
    at.write_bytes(WHOLE[:length])
    assert "no bundle" in told(at)


@pytest.mark.parametrize("changed", [WHOLE + b"x", b"x" + WHOLE, WHOLE + WHOLE, b"", b"PK", os.urandom(5000)])
def test_bytes_around_a_bundle_are_found(at, changed):
    at.write_bytes(changed)
    assert told(at)


@given(st.sampled_from(sorted(ALL)), st.sampled_from(["drop", "add", "rename", "change", "empty"]))
@settings(max_examples=40)
def test_dropped_added_renamed_and_changed_files_are_named(tmp_path_factory, name, how):
    files = dict(ALL)
    match how:
        case "drop":
            del files[name]
        case "add":
            files = {**files, f"{name}x": b"more"}
        case "rename":
            files[f"{name}x"] = files.pop(name)
        case "change":
            files[name] += b" "
        case _:
            files[name] = b"" if files[name] else b"filled"
    at = tmp_path_factory.getbasetemp() / "other.zip"
    at.write_bytes(pack(files))
    said = told(at)
    assert name in said
    if how in ("add", "rename") and "no bundle" not in said:
        assert f"{name}x: extra" in said


def test_files_in_another_order_are_found(at):
    with zipfile.ZipFile(at, "w") as archive:
        for name in sorted(ALL, reverse=True):
            archive.writestr(name, ALL[name])
    assert "out of order" in told(at)


def test_the_same_content_packed_by_another_tool_is_not_the_bundle(at):
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(at, "w", method) as archive:
            for name in sorted(ALL):
                archive.writestr(name, ALL[name])
        assert told(at)


def with_extra(name: str, content: bytes = b"evil", attributes: int = 0o100644 << 16) -> bytes:
    out = io.BytesIO(WHOLE)
    with zipfile.ZipFile(out, "a") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = attributes
        archive.writestr(info, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../evil", "a/../../evil", "..\\evil", "C:/evil", "A.TXT", "Raw/events.jsonl", "a.txt/", "é",
     "con\x1b[2J", ".hidden", "a//b", "./a.txt", "a.txt "],
)  # fmt: skip
def test_tricks_with_paths_are_named_and_nothing_is_written(tmp_path, name):
    at = tmp_path / "in" / "case.zip"
    at.parent.mkdir()
    at.write_bytes(with_extra(name))
    said = told(at)
    assert "not read" in said
    assert "\x1b" not in said
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["case.zip", "in"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_named(at):
    at.write_bytes(with_extra("a.txt"))
    assert "a.txt: twice" in told(at)


def test_a_symbolic_link_is_named(at):
    at.write_bytes(with_extra("link", b"/etc/passwd", (stat.S_IFLNK | 0o777) << 16))
    assert "'link': no name or kind of file" in told(at)


def test_a_bomb_is_not_unpacked(at):
    with zipfile.ZipFile(at, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 50_000_000)
        for name in sorted(ALL):
            archive.writestr(name, ALL[name])
    assert at.stat().st_size < 200_000
    assert "bomb: packed, or not inside of the archive; not read" in told(at)


def test_files_that_lie_over_each_other_are_not_read_again_and_again(at):
    """Bombs without compression: many names for the same bytes."""
    body = verifier.local_header(b"f0", 0, 100_000) + b"x" * 100_000
    lines = b"".join(verifier.central_header(b"f%d" % n, 0, 100_000, 0) for n in range(900))
    at.write_bytes(body + lines + verifier.end_record(900, len(lines), len(body)))
    said = told(at)
    assert said.count("not inside of the archive; not read") == 899


def test_an_archive_that_claims_more_files_than_it_has(at):
    at.write_bytes(WHOLE[:-22] + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 60_000, 60_000, 9, 9, 0))
    assert "last 22 bytes are changed" in told(at)


@pytest.mark.parametrize(
    "manifest",
    [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"format": "samehand case bundle 1"}', b"\xff",
     ALL["manifest.json"].replace(b"\n", b"\r\n"), ALL["manifest.json"] + b" ",
     ALL["manifest.json"].replace(b"samehand case bundle 1", b"samehand case bundle 2"),
     ALL["manifest.json"].replace(b'"a.txt"', b'"../a.txt"'),
     ALL["manifest.json"].replace(b'"a.txt"', b'"verify.py"')],
)  # fmt: skip
def test_a_damaged_manifest_is_refused(at, manifest):
    at.write_bytes(pack({**ALL, "manifest.json": manifest}))
    assert "manifest.json is changed or damaged" in told(at)


def test_the_root_is_that_of_the_statement(at):
    at.write_bytes(pack(sealed({**FILES, "a.txt": b"forged"})))
    assert told(at) == ""  # whoever makes all anew can; the signed root is what tells
    signed = verifier.check(str(at))[2]
    at.write_bytes(WHOLE)
    assert "not the bundle of that root" in told(at, signed)


def unpack(folder: Path) -> Path:
    for name, content in ALL.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_an_unpacked_bundle(tmp_path):
    folder = unpack(tmp_path / "case")
    assert told(folder) == ""
    (folder / "a.txt").write_bytes(b"First\n")
    (folder / "raw" / "events.jsonl").unlink()
    (folder / "raw" / "more.txt").write_bytes(b"")
    said = told(folder)
    assert "a.txt: changed" in said
    assert "raw/events.jsonl: missing" in said
    assert "raw/more.txt: extra" in said


def test_links_in_an_unpacked_bundle_are_not_followed(tmp_path):
    folder = unpack(tmp_path / "case")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.txt").write_text("secret")
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(tmp_path / "secret" / "key.txt")
    (folder / "more").symlink_to(tmp_path / "secret")
    said = told(folder)
    assert "'a.txt': no name or kind of file" in said
    assert "'more': no name or kind of file" in said
    assert "key.txt" not in said


def test_a_folder_that_is_no_bundle_is_not_read(tmp_path):
    (tmp_path / "big.bin").write_bytes(b"x")
    (tmp_path / "big.bin").chmod(0)
    assert told(tmp_path) == "no bundle: manifest.json is missing: no bundle of samehand, or a damaged one"


def run_verifier(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")


def test_the_verifier_inside_runs_by_itself(tmp_path):
    folder, at = unpack(tmp_path / "case"), tmp_path / "case.zip"
    at.write_bytes(WHOLE)
    root = verifier.check(str(at))[2]
    for done in (run_verifier(folder / "verify.py"), run_verifier(folder / "verify.py", at, root)):
        assert (done.returncode, done.stderr) == (0, "")
        assert root in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == sorted({name.split("/")[0] for name in ALL})
    at.write_bytes(WHOLE.replace(b"first", b"worst"))
    done = run_verifier(folder / "verify.py", at)
    assert done.returncode == 1
    assert "a.txt: changed" in done.stdout
    assert run_verifier(folder / "verify.py", tmp_path / "none.zip").returncode == 2
    at.write_bytes(WHOLE[:-1])
    assert run_verifier(folder / "verify.py", at).returncode == 2


def test_the_verifier_is_short_and_needs_the_standard_library_only():
    text = ALL["verify.py"].decode()
    assert len(text.splitlines()) <= 200
    named = {
        name.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(ast.parse(text, feature_version=(3, 8)))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert named <= sys.stdlib_module_names
