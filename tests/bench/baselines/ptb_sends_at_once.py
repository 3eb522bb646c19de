"""The same as `ptb_sends`, with `process_update` awaited by the webhook: many updates are handled at once."""

from __future__ import annotations

from tests.bench.baselines.door import place
from tests.bench.baselines.ptb_sends import main

if __name__ == "__main__":
    main(place(), process=True)
