"""One run, put under review once; each test has a store of its own."""

import shutil

import pytest

from samehand.cases.store import CaseStore
from tests.web.pages.made import browsing, made_run, written


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("pages") / "monday", *made_run())


@pytest.fixture(scope="session")
def registered(run_folder, tmp_path_factory):
    file = tmp_path_factory.mktemp("pages-store") / "cases.sqlite"
    with CaseStore.open(file) as store:
        store.register_run(run_folder, actor="setup")
    return file


@pytest.fixture
def store(registered, tmp_path):
    with CaseStore.open(shutil.copy(registered, tmp_path / "cases.sqlite")) as opened:
        yield opened


@pytest.fixture
def visit(store, tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    with browsing(store, logs=logs) as one:
        yield one
