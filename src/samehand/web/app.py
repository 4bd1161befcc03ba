"""The review app."""

from __future__ import annotations

from fastapi import FastAPI

from samehand.web.api import install_api
from samehand.web.security import install_security
from samehand.web.settings import AppSettings


def create_app(settings: AppSettings) -> FastAPI:
    """Make the app."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    install_security(app, settings)
    install_api(app)
    return app
