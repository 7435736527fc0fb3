"""The command `maintain`."""

from __future__ import annotations

import json
import sys

from pipeline.cli_common import Config, Home, Json, console, errors_in_words, settings_of


def maintain(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Nightly housekeeping: prune, compact, back up, report on the sources, alert."""
    from pipeline.maintain import maintain as do
    from pipeline.output import plain
    from pipeline.runs import utc_now

    with errors_in_words():
        done = do(settings_of(home, config), utc_now)
    if as_json:
        sys.stdout.write(json.dumps(plain(done), ensure_ascii=False) + "\n")
        return
    out = console()
    for line in done.lines():
        out.print(line, markup=False, highlight=False, soft_wrap=True)
