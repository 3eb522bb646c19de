"""The web chat's own sentences: what stands on its page, and why something is refused."""

from __future__ import annotations

from collections.abc import Mapping

from bot.words.text import P_, Text

FOREIGN_ORIGIN = P_("web.foreign_origin", "This came from another website and was not taken.")
NOT_UNDERSTOOD = P_("web.not_understood", "This could not be understood. Please load the page again.")
TEXT_TOO_LONG = P_("web.text_too_long", "This message is too long. Please answer in a few words.")
FILE_TOO_LARGE = P_(
    "web.file_too_large", "The file is larger than 20 megabytes. A photo or screenshot of the code is enough."
)
TRY_AGAIN = P_("web.try_again", "This could not be stored just now. Please try again in a moment.")

SPECIMEN_GOOD = P_("specimen.good", "A good certificate")
SPECIMEN_FOREIGN = P_("specimen.foreign", "Signed with an unknown key")
SPECIMEN_TAMPERED = P_("specimen.tampered", "Tampered with")
SPECIMEN_OTHER = P_("specimen.other", "Somebody else’s")
SPECIMEN_BLURRED = P_("specimen.blurred", "Blurred")

MARKED = P_("web.marked", "your picture, with the place marked")

PAGE: Mapping[str, Text] = {
    "page_title": P_("web.page_title", "Khaibao – declaration before entering Vietnam"),
    "free_hint": P_("web.free_hint", "Free of charge"),
    "free_check": P_(
        "web.free_check",
        "This declaration costs nothing. If anyone asks you to pay for it, stop and close that page. To be sure that you are in the right place, compare the address in your browser with the one on the pages of Vietnam’s embassies. You are now at:",
    ),
    "language": P_("web.language", "Language"),
    "menu": P_("web.menu", "Menu"),
    "back": P_("web.back", "Back one question"),
    "edit": P_("web.edit", "Check or change my answers"),
    "status": P_("web.status", "Where is my declaration?"),
    "person": P_("web.person", "Talk to a person"),
    "help": P_("web.help", "Help"),
    "restart": P_("web.restart", "Start over"),
    "you": P_("web.you", "You"),
    "bot": P_("web.bot", "Khaibao"),
    "staff": P_("web.staff", "A person"),
    "send": P_("web.send", "Send"),
    "attach": P_("web.attach", "Attach a photo or file"),
    "write_here": P_("web.write_here", "Write here"),
    "take_photo": P_("web.take_photo", "Take or choose a photo"),
    "drop_here": P_("web.drop_here", "Drop pictures here"),
    "skip": P_("web.skip", "Go to the writing field"),
    "conversation": P_("web.conversation", "Conversation"),
    "choices": P_("web.choices", "Answers to choose from"),
    "change": P_("web.change", "Change: {label}"),
    "typing": P_("web.typing", "Khaibao is writing"),
    "progress": P_("web.progress", "Questions answered"),
    "close": P_("web.close", "Close"),
    "uploading": P_("web.uploading", "Uploading"),
    "waiting": P_("web.waiting", "Not sent yet. It is kept here and sent when the connection is back."),
    "not_sent": P_("web.not_sent", "This was not sent."),
    "retry": P_("web.retry", "Try again"),
    "cancel": P_("web.cancel", "Cancel"),
    "remove": P_("web.remove", "Remove"),
    "file_too_large": P_(
        "web.file_over_limit", "This file is larger than {limit} MB. Please send a smaller one, or take a new photo."
    ),
    "photo_of": P_("web.photo_of", "Picture: {name}"),
    "offline": P_("web.offline", "No connection. You can go on writing; it is sent as soon as you are online."),
    "unreachable": P_(
        "web.unreachable",
        "Khaibao cannot be reached at the moment. Your answers are safe. Please check your connection and try again.",
    ),
    "no_script": P_(
        "web.no_script",
        "This page needs JavaScript, which is switched off in your browser. Please switch it on and load the page again.",
    ),
    "with_person": P_("web.with_person", "A person is answering. The bot waits."),
    "new_messages": P_("web.new_messages", "New messages"),
    "demo_note": P_("web.demo_note", "Demonstration – nothing is really filed."),
    "demo_try": P_("web.demo_try", "Try with a specimen"),
}
