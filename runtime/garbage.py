"""How often is garbage collected?"""

import gc


def collect_rarely() -> None:
    """Collect garbage rarely: objects of the start live as long as the process, and requests and events leave few
    cycles.

    Measured in docs/performance.md: full collections were the longest pauses, a third of the time of a GET, and a
    fifth of that of a rebuild."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
