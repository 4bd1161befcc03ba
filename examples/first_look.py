"""A first look at samehand from Python: make up a log, find its fleets, ask why, compare with the answers.

python examples/first_look.py [FOLDER]
"""

import sys
from pathlib import Path

import samehand as sh
from samehand.simulation.platform import SimulationConfig


def main(folder: Path) -> None:
    # A made-up platform. `made.events` is an Arrow table; yours may be Polars, pandas, or the path of a file.
    made = sh.simulate(SimulationConfig(accounts=3_000, days=5, seed=3))
    log = sh.read_events(made.events)
    print(log.mapping.to_text())
    print(f"{log.quality.n_events:,} events of {log.quality.n_accounts:,} accounts")

    run = sh.detect(log)
    print(run)

    # Every candidate is in the table; `reported` says which are suspected fleets.
    for fleet in run.fleets.to_pylist():
        verdict = "suspected" if fleet["reported"] else f"not reported: {fleet['innocent']}"
        print(
            f"{fleet['fleet_id']}: {fleet['n_accounts']} accounts, {fleet['score_bits']:.0f} bits, {verdict}"
        )

    # Why, and what speaks against it. An account works as well as a fleet.
    print(run.explain("F0001"))

    # The weakest members deserve the closest look.
    members = [row for row in run.members.to_pylist() if row["fleet_id"] == "F0001"]
    weakest = min(members, key=lambda row: row["leave_one_out_bits"])
    print(run.explain(weakest["account"]))

    # What is true is known here, so the run can be marked.
    print(run.evaluate(made.truth, made.crowds))

    # A folder that `samehand explain` and `samehand report` read, and a report in Chinese.
    print(run.save(folder / "run"))
    print(run.report(folder / "report.zh.html", lang="zh"))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
