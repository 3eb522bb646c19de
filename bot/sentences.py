"""What the bot says at each stage of the conversation."""

from bot.words.text import NP_, P_

# The version of the privacy notice that a traveller agrees to; a changed notice gets a new one.
PRIVACY_VERSION = "2026-11"
# Photos are purged this many days after they came, unless the operator chose otherwise; the notice says so.
PHOTO_DAYS = 30

WELCOME = P_("welcome", "Hello! I help you make the declaration for entering Vietnam, step by step, here in the chat.")
FREE = P_(
    "welcome.free",
    "It costs nothing. Whoever asks you for money is not us; "
    "the right address stands on the signs at the gates and on the pages of Vietnam’s embassies.",
)
PRIVACY_SHORT = P_(
    "privacy.short",
    "Your answers and photos are stored encrypted, are seen only by the staff and officers who need them, and photos "
    "are deleted after {days} days. You can stop at any time.",
)
PRIVACY_LONG = P_(
    "privacy.long",
    "What is stored: your answers, this conversation and the pictures you send, all encrypted. What for: to make your "
    "declaration and to check it at the border, nothing else. Who sees it: support staff and border officers, and each "
    "look is logged. How long: photos {days} days, the declaration as long as the law asks. Nothing is sold or given to "
    "advertisers. Version {version}.",
)
CONSENT_ASK = P_("consent.ask", "Do you agree, and shall we begin?")
CONSENT_YES = P_("consent.yes", "I agree, begin")
CONSENT_NO = P_("consent.no", "No, thank you")
CONSENT_FIRST = P_("consent.first", "Before we begin I need your agreement.")
CONSENT_NO_PHOTO = P_("consent.no_photo", "I have not kept the file: first I need your agreement.")
DECLINED = P_(
    "consent.declined",
    "That is all right. Nothing about you was kept. You can also declare on paper at the port of entry. "
    "If you change your mind, tap the button.",
)
BEGIN_AFTER_ALL = P_("consent.after_all", "I agree after all, begin")

CHOOSE_LANGUAGE = P_("language.choose", "Which language shall I speak?")
LANGUAGE_SET = P_("language.set", "From here on I speak English.")

NOTED = P_("answer.noted", "{label}: {value} ✓")
CHANGED = P_("answer.changed", "Changed. {label}: {value} ✓")
SO_FAR = P_("answer.so_far", "Your answer so far: {value}")
QUESTIONS_LEFT = NP_("progress.left", "{count} question left", "{count} questions left")
OFFER_PERSON = P_("answer.offer_person", "If it does not work, a person can help: tap “Talk to a person”.")
YES_LIKE_THIS = P_("proposal.yes", "Yes: {answer}")
TEXT_TOO_LONG = P_("text.too_long", "That message is too long for me. Please answer in a few words.")
OLD_BUTTON = P_("press.old", "That button belongs to an earlier step and changes nothing now.")
UNKNOWN_BUTTON = P_("press.unknown", "I do not know that button.")
PICTURE_KEPT = P_("picture.kept", "I have kept this certificate for your declaration.")
PICTURE_NOT_NOW = P_("picture.not_now", "I could not use this picture, and none is needed for the question at hand.")
PASSPORT_READ = P_("passport.read", "This is what the lines at the foot of your passport’s page say:")
PASSPORT_ASK = P_("passport.ask", "Is all of it right? Tap a line that is wrong to type it yourself.")
PASSPORT_YES = P_("passport.yes", "All of it is right")
PASSPORT_NO = P_("passport.no", "No, I type it myself")
PASSPORT_REST = P_("passport.rest", "What I could not read for certain, I ask you afterwards.")
PASSPORT_DOUBT = P_(
    "passport.doubt",
    "In line {line}, character {column} is not clear: I read {read}, and it may be one of {candidates}.",
)
PASSPORT_UNSURE = P_("passport.unsure", "In line {line}, character {column} is not clear: I read {read}.")
PASSPORT_OTHER_DOCUMENT = P_(
    "passport.other_document",
    "This is a visa or a card and not the passport itself, so its number and last day I ask you for.",
)
PASSPORT_TAKEN = P_("passport.taken", "Thank you, I have put that into your declaration. ✓")
PASSPORT_DROPPED = P_("passport.dropped", "All right, nothing of it was put into your declaration.")
PASSPORT_NOTHING_NEW = P_("passport.nothing_new", "Your passport says the same as your declaration. ✓")
PASSPORT_UNCLEAR = P_(
    "passport.unclear",
    "I see the lines at the foot of a passport’s page, but cannot read them for certain. Take the photo in good light, "
    "straight from above, with the whole page in it; or write your answer.",
)
CANNOT_SKIP = P_("skip.cannot", "This one cannot be skipped, but a person can help if you cannot answer it.")
FIRST_QUESTION = P_("back.first", "This is the first question.")
NOTHING_TO_EDIT = P_("edit.nothing", "There is no answer to change yet.")
EDIT_WHICH = P_("edit.which", "Your answers so far. Tap one to change it.")

STRANGE = {
    "voice": P_("strange.voice", "I cannot listen to voice messages. Please write your answer."),
    "video": P_("strange.video", "I cannot use videos. Please send a photo, or write your answer."),
    "sticker": P_("strange.sticker", "A nice one! But I need your answer in words."),
    "edited": P_(
        "strange.edited",
        "I see that you changed an earlier message; your answers stay as they were. To change one, write “edit”.",
    ),
    "place": P_("strange.place", "I cannot use a place on the map. Please write the address."),
    "contact": P_("strange.contact", "I cannot use a contact card. Please write your answer."),
    "too_many": P_(
        "strange.too_many",
        "That was too many messages at once. Please send one at a time; I read them in order. What came after the "
        "messages that I answered, I have not read. Please send it again if it still matters.",
    ),
    "other": P_("strange.other", "I cannot use that kind of message. Please write your answer."),
}

HELP = P_(
    "help",
    "I ask the questions of Vietnam’s entry declaration one by one and keep each answer at once, so you can stop and go "
    "on days later. Write “back” to return to the question before, “edit” to change an answer, “language” to change the "
    "language, “status” to see where you stand, and “person” to talk to a person.",
)
STOPPED = P_("stopped", "I have stopped. Every answer is kept; write “continue” when you want to go on.")
RESTART_ASK = P_("restart.ask", "Shall I drop all answers of this declaration and begin again?")
RESTARTED = P_("restart.done", "All answers are dropped. We begin again.")
WELCOME_BACK = P_("welcome.back", "Welcome back! We go on where you left off.")

REVIEW = P_("review", "That is everything. Please check your answers; tap one to change it.")
REVIEW_DOUBTS = P_("review.doubts", "A person will look at something here; it does not hold you up.")
REVIEW_SUBMIT = P_("review.submit", "If all of it is true, submit the declaration.")
NOT_READY = P_("review.not_ready", "Something is still missing before you can submit.")

STATUS_DRAFT = P_("status.draft", "Your declaration is not submitted yet: {done} answered, {left} to go.")
PERMIT_READY = P_("permit.ready", "Your declaration is submitted. Your permit reference is:\n{reference}")
PERMIT_SHOW = P_(
    "permit.show",
    "Show this reference and your passport at the counter. You can have it again here at any time: write “status”.",
)
PERMIT_WATCHED = P_(
    "permit.watched",
    "A person still looks at something in your declaration and writes to you here if anything is needed.",
)
PERMIT_FREE = P_(
    "permit.free",
    "This service is free: nobody may charge you for it. The permit is genuine if its reference is found at the counter.",
)
PERMIT_DONE = P_("permit.done", "Submitted: {date}.")
PERMIT_CHANGE = P_("permit.change", "To change it, make a new declaration or talk to a person.")
ALREADY_SUBMITTED = P_("permit.already", "This declaration is already submitted; there is only one permit for it.")
NEW_BEGUN = P_("new.begun", "A new declaration. The earlier permit stays as it is.")

LOOK_UP_HOW = P_("look_up.how", "To see a permit, write its reference and the passport number in one message.")
LOOK_UP_SLIP = P_(
    "look_up.slip", "There is a slip in that reference. Please compare it sign by sign with the one you were given."
)
LOOK_UP_NONE = P_("look_up.none", "No permit fits that reference and passport number.")
LOOK_UP_FOUND = P_("look_up.found", "The permit {reference} was issued on {date}.")
LOOK_UP_OFTEN = P_("look_up.often", "You have tried too often. A person can help you.")

PERSON_CALLED = P_(
    "person.called",
    "A person will answer you here; your draft is kept, and I am silent meanwhile. If you do not want to wait, tap the button.",
)
PERSON_GONE = P_("person.gone", "I am back, and we go on where we stopped.")
