"""The ConversationHandler that answers in the body, with PicklePersistence written before each update is answered."""

from __future__ import annotations

from telegram.ext import Application, PicklePersistence

from tests.bench.baselines.door import Place, place
from tests.bench.baselines.ptb_body import say, serve
from tests.bench.baselines.ptb_form import conversation


def main(where: Place) -> None:
    """Serve the form, its state in a file."""
    builder = Application.builder().token(where.token).base_url(f"{where.api}/bot").updater(None)
    application = builder.persistence(PicklePersistence(where.home / "conversations.pickle")).build()
    application.add_handler(conversation(say, persistent=True))
    serve(where, application, application.update_persistence)


if __name__ == "__main__":
    main(place())
