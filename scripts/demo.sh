#!/usr/bin/env bash
# A made-up platform in demo/, its suspected fleets, and how many of them are right. Arguments go to `samehand simulate`.
set -euo pipefail
cd "$(dirname "$0")/.."
samehand=$BIN/samehand

show() {
    echo
    echo "\$ samehand $*" | fold -s -w 78
    "$samehand" "$@"
}

echo "A made-up platform: fleets are planted in it, and innocent crowds that move"
echo "together too. Some fleets were banned in part, and go on under new accounts."
show simulate --out demo/log --bans "$@"
show detect demo/log/events.parquet --out demo/run --known demo/log/banned.parquet
show evaluate demo/run --truth demo/log/truth.parquet --crowds demo/log/crowds.parquet
echo
echo "A made-up log is easier than a real one: these figures promise nothing for it."
echo "Why the first one is suspected: $samehand explain demo/run F0001"
echo "The report to open in a browser: demo/run/report.html"
