"""A time-stamp request (RFC 3161): a file that a time-stamp authority answers. Nothing is sent anywhere."""

from __future__ import annotations

import hashlib

from asn1crypto import tsp


def make_request(content: bytes) -> bytes:
    """Ask for a time stamp, with the authority's certificate, of the SHA-256 of ``content``: DER, in one way only.

    There is no nonce: whoever sends the request compares the answer with this file, and the same bundle has the same
    bytes.
    """
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(content).digest()}
    request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
    return bytes(request.dump())
