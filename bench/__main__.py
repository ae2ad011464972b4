"""`python -m bench`: measures everything side by side and writes bench/RESULTS.md."""

import argparse
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from bench import (
    append,
    million,
    rebuild,
    report,
    rig,
    sandbox,
    servers,
    slow_provider,
    streams,
    visibility,
    web,
    whole_tasks,
)
from bench.report import Row
from bench.rig import Rig, Unmeasurable

Measure = Callable[[Rig], Awaitable[list[Row]]]
MEASUREMENTS: dict[str, Measure] = {
    "append": append.measure,
    "post": web.post,
    "get": web.get,
    "floor": web.floor,
    "rebuild": rebuild.measure,
    "visible": visibility.measure,
    "whole": whole_tasks.measure,
    "sandbox": sandbox.measure,
    "slow": slow_provider.measure,
    "streams": streams.measure,
    "million": million.measure,
    "servers": servers.measure,
}
RESULTS = Path(__file__).with_name("RESULTS.md")

console = Console()


def main() -> int:
    """Exit code 1 when a measurement failed; a missed target is a result, not a failure."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(MEASUREMENTS), metavar="NAME", help=_ONLY)
    parser.add_argument(
        "--quick", action="store_true", help="measure roughly, in a minute and a half; nothing is written"
    )
    parser.add_argument(
        "--output", type=Path, help="write the report here (default: bench/RESULTS.md, whole runs only)"
    )
    parser.add_argument(
        "--tasks", type=int, help="tasks in the large log (default: 50,000; 1,000,000 takes half an hour)"
    )
    parser.add_argument("--streams", type=int, help="open event streams (default: 500; 2,000 is what is to be reached)")
    parser.add_argument("--orders", type=int, help="orders at the slow provider (default: 1,000)")
    parser.add_argument("--latency", type=float, help="seconds that the slow provider takes (default: 20)")
    options = parser.parse_args()
    whole = not options.only and not options.quick
    output: Path | None = options.output or (RESULTS if whole else None)
    pace = rig.QUICK if options.quick else rig.FULL
    pace = pace._replace(
        many_tasks=options.tasks or pace.many_tasks,
        streams=options.streams or pace.streams,
        slow_orders=options.orders or pace.slow_orders,
        slow_seconds=options.latency or pace.slow_seconds,
    )
    started = time.monotonic()
    try:
        rows, missing, machine = uvloop.run(_measure(options.only or list(MEASUREMENTS), pace))
    except KeyboardInterrupt:
        return 130
    console.print(report.screen(rows))
    for name, why in missing.items():
        console.print(f"[red]{name} could not be measured:[/red] {why}", highlight=False, markup=True)
    if output:
        output.write_text(report.markdown(rows, missing, machine, time.monotonic() - started))
        console.print(f"written: {output}")
    return 1 if missing else 0


async def _measure(names: list[str], pace: rig.Pace) -> tuple[list[Row], dict[str, str], list[str]]:
    """Run the measurements in turn. One that fails does not stop the others."""
    rows: list[Row] = []
    missing: dict[str, str] = {}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
    # Drawn rarely: drawing takes processor time from the measurement.
    with Progress(*columns, console=console, refresh_per_second=2, transient=True) as progress:
        bar = progress.add_task("", total=len(names))
        show = _status_line(progress, bar)
        async with rig.opened(pace, show, lambda line: console.print(f"[yellow]{line}[/yellow]")) as here:
            machine = await report.machine(here)
            for name in names:
                try:
                    rows += (found := await MEASUREMENTS[name](here))
                except Unmeasurable as error:
                    missing[name] = str(error)
                    console.print(f"[red]✗[/red] {name}: {error}", highlight=False)
                else:
                    for row in found:
                        console.print(f"[green]✓[/green] {row.what}: [bold]{row.ours}[/bold]", highlight=False)
                progress.advance(bar)
    return rows, missing, machine


def _status_line(progress: Progress, bar: TaskID) -> Callable[[str], None]:
    return lambda line: progress.update(bar, description=f"{line:<44}")


_ONLY = f"measure only this, may be repeated; nothing is written ({', '.join(MEASUREMENTS)})"

if __name__ == "__main__":
    sys.exit(main())
