"""`make bench-push`: notifications beside two other servers; `bench/results/push.json` and a section of the page.

It takes under four minutes. `--quick` shows in seconds that everything runs; its figures mean nothing.
"""

from bench import command
from bench.push import report
from bench.push.suite import FULL, QUICK, Suite


def main() -> None:
    """Run it all."""
    given = command.options("python -m bench.push", "Notifications, beside other servers.")
    plan = QUICK if given.quick else FULL
    found, seconds = command.measured(lambda say: Suite(plan, say).run())
    result = report.completed(found, plan, seconds)
    command.publish(given, result, report.table(result), report.LATEST, report.updated)


if __name__ == "__main__":
    main()
