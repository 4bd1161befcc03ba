#!/usr/bin/env bash
# What some tests start or need: PostgreSQL, Chromium, Redis, Java, a CJK font, pages of a PDF as pictures. Installed where that is allowed without asking;
# elsewhere those tests are skipped (and fail under CI=true).
set -euo pipefail

missing=()
{ command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 || missing+=(postgresql)
{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 || missing+=(chromium)
command -v redis-server >/dev/null 2>&1 || missing+=(redis-server)
command -v pdftoppm >/dev/null 2>&1 || missing+=(poppler-utils)
command -v java >/dev/null 2>&1 || missing+=(openjdk-17-jre-headless)
{ fc-list :lang=zh family | grep -qi . ; } >/dev/null 2>&1 || missing+=(fontconfig fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    as_root=none
elif [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    as_root=none
fi
if [ "$as_root" = none ]; then
    echo "Tests that need ${missing[*]} are skipped: not installed here, and installing needs root (apt-get install ${missing[*]})."
    exit 0
fi

log=$(mktemp)
echo "Set-up: installing ${missing[*]} from the system's packages"
# shellcheck disable=SC2086  # an empty $as_root must vanish
if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 5 "$log" >&2
    echo "Tests that need ${missing[*]} are skipped: they could not be installed (see above)."
fi
rm -f "$log"
