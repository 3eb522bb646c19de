"""The declaration in the order it is asked: add a question here."""

from __future__ import annotations

from bot.declaration import objections
from bot.declaration.choices import YES_OR_NO, Choice, Option, Several, is_one_of
from bot.declaration.gates import PORT, PROVINCE, arrives_by, names_no_province
from bot.declaration.kinds import (
    ARRIVAL_DATE,
    CONTACT,
    COUNTRIES,
    COUNTRY,
    FLIGHT,
    FUTURE_DATE,
    LATIN_NAME,
    NAME,
    PASSPORT_NUMBER,
    PAST_DATE,
    number,
    words,
)
from bot.declaration.proof import ProofKind
from bot.declaration.question import Answers, Question
from bot.words.text import P_
from bot.written.names import latin, needs_approval

TRIP = P_("section.trip", "Your trip")
TRAVELLER = P_("section.traveller", "You")
STAY = P_("section.stay", "Your stay")
HEALTH = P_("section.health", "Your health")

ENTRANT_CLASSES = (
    Option("tourist", P_("class.tourist", "Tourist"), P_("class.tourist_words", "tourism, holiday, vacation, visit")),
    Option("expert", P_("class.expert", "Foreign expert")),
    Option("skilled", P_("class.skilled", "Highly skilled worker")),
    Option(
        "investor",
        P_("class.investor", "Investor or business traveller"),
        P_("class.investor_words", "business, investor, business trip, conference"),
    ),
    Option(
        "repatriate",
        P_("class.repatriate", "Vietnamese citizen or resident of Vietnam"),
        P_("class.repatriate_words", "vietnamese, vietnamese citizen, returning, resident, viet kieu"),
    ),
    Option(
        "family", P_("class.family", "Family member of someone in Vietnam"), P_("class.family_words", "family, spouse")
    ),
    Option("student", P_("class.student", "Student"), P_("class.student_words", "study, studies")),
    Option(
        "diplomat", P_("class.diplomat", "Diplomat or official guest"), P_("class.diplomat_words", "diplomat, official")
    ),
    Option(
        "crew", P_("class.crew", "Crew of a ship, aircraft or vehicle"), P_("class.crew_words", "crew, pilot, seaman")
    ),
    Option(
        "transit", P_("class.transit", "Transit to another country"), P_("class.transit_words", "transit, transfer")
    ),
)
PURPOSES = (
    Option("visit", P_("purpose.visit", "Visit people")),
    Option("live", P_("purpose.live", "Live there")),
    Option("work", P_("purpose.work", "Work")),
    Option("study", P_("purpose.study", "Study")),
    Option("care", P_("purpose.care", "Medical care")),
    Option("other", P_("purpose.other", "Something else")),
)
SEXES = (
    Option("female", P_("sex.female", "Female"), P_("sex.female_words", "f, woman, girl")),
    Option("male", P_("sex.male", "Male"), P_("sex.male_words", "m, man, boy")),
    Option(
        "unspecified", P_("sex.unspecified", "X (unspecified)"), P_("sex.unspecified_words", "x, other, unspecified")
    ),
)
SYMPTOMS = (
    Option("fever", P_("symptom.fever", "Fever")),
    Option("cough", P_("symptom.cough", "Cough")),
    Option("breath", P_("symptom.breath", "Trouble breathing")),
    Option("throat", P_("symptom.throat", "Sore throat")),
    Option("stomach", P_("symptom.stomach", "Vomiting or diarrhoea")),
    Option("rash", P_("symptom.rash", "Rash")),
)
DISEASES = (
    Option("covid-19", P_("disease.covid", "COVID-19"), P_("disease.covid_words", "covid, corona, coronavirus")),
    Option("yellow-fever", P_("disease.yellow_fever", "Yellow fever")),
    Option("polio", P_("disease.polio", "Polio")),
    Option("other", P_("disease.other", "Another disease")),
)


def _was_vaccinated_without_code(answers: Answers) -> bool:
    proof = answers.get("certificate")
    return proof is not None and proof.have in ("paper", "unreadable")


def _leaves_again(answers: Answers) -> bool:
    return answers.get("entrant_class") != "repatriate" and answers.get("purpose") != "live"


def _name_needs_latin(answers: Answers) -> bool:
    return "name" in answers and needs_approval(answers["name"])


QUESTIONS: tuple[Question, ...] = (
    Question(
        "entrant_class",
        TRIP,
        P_("entrant_class.label", "Travelling as"),
        P_("entrant_class.ask", "What are you coming to Vietnam as?"),
        Choice(ENTRANT_CLASSES),
        why=P_("entrant_class.why", "It decides which questions you can skip."),
    ),
    Question(
        "nationality",
        TRIP,
        P_("nationality.label", "Nationality"),
        P_("nationality.ask", "Which country issued the passport that you travel with?"),
        COUNTRY,
        hint=P_("nationality.hint", "For example: Germany, 한국, FR or 🇯🇵"),
    ),
    Question(
        "purpose",
        TRIP,
        P_("purpose.label", "Purpose"),
        P_("purpose.ask", "What is the purpose of your stay?"),
        Choice(PURPOSES),
        applies=is_one_of("entrant_class", "family", "repatriate"),
    ),
    Question(
        "host",
        TRIP,
        P_("host.label", "Received by"),
        P_("host.ask", "Which company, school, mission or organisation in Vietnam receives you?"),
        words(2, 150),
        hint=P_("host.hint", "For example: Viet Duc University, Ho Chi Minh City"),
        why=P_("host.why", "Staff may ask them to confirm your visit."),
        applies=is_one_of("entrant_class", "expert", "skilled", "investor", "student", "diplomat"),
    ),
    Question(
        "relative",
        TRIP,
        P_("relative.label", "Relative in Vietnam"),
        P_("relative.ask", "Whom in Vietnam do you visit or join? Write the name and how you are related."),
        words(2, 150),
        hint=P_("relative.hint", "For example: Nguyễn Thị Hoa, my wife"),
        applies=is_one_of("entrant_class", "family"),
        private=True,
    ),
    Question(
        "arrival_date",
        TRIP,
        P_("arrival_date.label", "Arrival"),
        P_("arrival_date.ask", "On which day do you arrive in Vietnam?"),
        ARRIVAL_DATE,
        hint=P_("arrival_date.hint", "The date in Vietnam, for example: 5 December 2026"),
        objects=objections.arrival,
    ),
    Question(
        "port",
        TRIP,
        P_("port.label", "Port of entry"),
        P_("port.ask", "Where do you enter Vietnam? Write the airport, border gate or harbour."),
        PORT,
        hint=P_("port.hint", "For example: Noi Bai, SGN, Moc Bai"),
        brings=1,  # the flight, the vehicle or the ship
    ),
    Question(
        "flight",
        TRIP,
        P_("flight.label", "Flight"),
        P_("flight.ask", "What is the number of the flight with which you land in Vietnam?"),
        FLIGHT,
        hint=P_("flight.hint", "It stands on your ticket, for example: VN 30"),
        applies=arrives_by("air"),
    ),
    Question(
        "vehicle",
        TRIP,
        P_("vehicle.label", "Vehicle"),
        P_("vehicle.ask", "With which vehicle do you cross the border?"),
        words(2, 40),
        hint=P_("vehicle.hint", "The number plate, the bus company, the train, or “on foot”"),
        applies=arrives_by("land"),
    ),
    Question(
        "vessel",
        TRIP,
        P_("vessel.label", "Ship"),
        P_("vessel.ask", "What is the name of the ship with which you arrive?"),
        words(2, 60),
        applies=arrives_by("sea"),
    ),
    Question(
        "departure_date",
        TRIP,
        P_("departure_date.label", "Departure"),
        P_("departure_date.ask", "On which day do you plan to leave Vietnam?"),
        FUTURE_DATE,
        hint=P_("departure_date.hint", "A plan is enough, for example: 20 December 2026"),
        applies=_leaves_again,
        objects=objections.departure,
    ),
    Question(
        "destination",
        TRIP,
        P_("destination.label", "Travelling on to"),
        P_("destination.ask", "To which country do you travel on?"),
        COUNTRY,
        applies=is_one_of("entrant_class", "transit"),
    ),
    Question(
        "name",
        TRAVELLER,
        P_("name.label", "Name"),
        P_("name.ask", "What is your full name, exactly as in your passport?"),
        NAME,
        hint=P_("name.hint", "In any script, with every part; a single name is fine. For example: Jean-Luc O’Neill"),
        why=P_(
            "name.why",
            "Or send a photo of your passport’s data page: I read the lines at its foot and fill in what they say.",
        ),
        private=True,
    ),
    Question(
        "name_latin",
        TRAVELLER,
        P_("name_latin.label", "Name in the machine-readable lines"),
        P_("name_latin.ask", "In the machine-readable lines of your passport your name should read: {latin}. Does it?"),
        LATIN_NAME,
        hint=P_(
            "name_latin.hint",
            "The two lines with <<< at the foot of the page. If it differs, write it as it stands there.",
        ),
        why=P_("name_latin.why", "Airlines and gates compare these letters."),
        applies=_name_needs_latin,
        fill=lambda answers: {"latin": latin(answers["name"])},
        private=True,
    ),
    Question(
        "birth_date",
        TRAVELLER,
        P_("birth_date.label", "Date of birth"),
        P_("birth_date.ask", "When were you born?"),
        PAST_DATE,
        hint=P_("birth_date.hint", "For example: 14 May 1990"),
        objects=objections.birth,
        private=True,
    ),
    Question(
        "sex",
        TRAVELLER,
        P_("sex.label", "Sex"),
        P_("sex.ask", "Which sex does your passport state?"),
        Choice(SEXES),
        private=True,
    ),
    Question(
        "passport_number",
        TRAVELLER,
        P_("passport_number.label", "Passport number"),
        P_("passport_number.ask", "What is the number of your passport?"),
        PASSPORT_NUMBER,
        hint=P_("passport_number.hint", "Letters and digits, for example: C01X00T47"),
        why=P_("passport_number.why", "Officers find your permit by it; it is stored encrypted."),
        private=True,
    ),
    Question(
        "passport_issued",
        TRAVELLER,
        P_("passport_issued.label", "Passport issued"),
        P_("passport_issued.ask", "On which day was the passport issued?"),
        PAST_DATE,
        objects=objections.issued,
        private=True,
    ),
    Question(
        "passport_expires",
        TRAVELLER,
        P_("passport_expires.label", "Passport expires"),
        P_("passport_expires.ask", "Until which day is the passport valid?"),
        FUTURE_DATE,
        objects=objections.expiry,
        private=True,
    ),
    Question(
        "contact",
        TRAVELLER,
        P_("contact.label", "Contact"),
        P_("contact.ask", "At which telephone number or e-mail address can you be reached on the journey?"),
        CONTACT,
        hint=P_("contact.hint", "For example: +49 151 23456789 or name@example.org"),
        private=True,
    ),
    Question(
        "address",
        STAY,
        P_("address.label", "Address of stay"),
        P_("address.ask", "Where will you stay first? Write the hotel or address, with the city or province."),
        words(5, 300),
        hint=P_("address.hint", "For example: Hotel Metropole, 15 Ngô Quyền, Hà Nội"),
        applies=lambda answers: answers.get("entrant_class") not in ("crew", "transit"),
        private=True,
    ),
    Question(
        "province",
        STAY,
        P_("province.label", "Province"),
        P_("province.ask", "In which province or city is that?"),
        PROVINCE,
        hint=P_("province.hint", "For example: Đà Nẵng"),
        applies=names_no_province,
    ),
    Question(
        "minors",
        STAY,
        P_("minors.label", "Children with you"),
        P_("minors.ask", "How many children under 18 travel with you?"),
        number(0, 20, offered=4),
        applies=lambda answers: answers.get("entrant_class") != "crew",
    ),
    Question(
        "minors_named",
        STAY,
        P_("minors_named.label", "Their names and birth dates"),
        P_("minors_named.ask", "Write each child’s name and date of birth, one child a line."),
        words(5, 1000),
        hint=P_("minors_named.hint", "For example: Mia Keller, 3 March 2018"),
        applies=lambda answers: answers.get("minors", 0) > 0,
        private=True,
    ),
    Question(
        "countries",
        HEALTH,
        P_("countries.label", "Countries of the last 14 days"),
        P_("countries.ask", "In which countries have you been in the last 14 days?"),
        COUNTRIES,
        hint=P_("countries.hint", "Write them with commas, for example: Thailand, Laos"),
        private=True,
    ),
    Question(
        "symptoms",
        HEALTH,
        P_("symptoms.label", "Symptoms"),
        P_("symptoms.ask", "Which of these have you had in the last 14 days?"),
        Several(SYMPTOMS),
        why=P_("symptoms.why", "Nobody is refused entry because of this answer; staff at the port can help you."),
        private=True,
    ),
    Question(
        "exposure",
        HEALTH,
        P_("exposure.label", "Contact with an infectious disease"),
        P_("exposure.ask", "In the last 14 days, were you close to somebody who had an infectious disease?"),
        YES_OR_NO,
        private=True,
    ),
    Question(
        "certificate",
        HEALTH,
        P_("certificate.label", "Vaccination certificate"),
        P_("certificate.ask", "Send a photo or screenshot of the square code on your vaccination certificate."),
        ProofKind(),
        hint=P_("certificate.hint", "If you have none, say so: nobody is refused for that."),
        why=P_("certificate.why", "The code is read at once, so you need not type what is in it."),
        private=True,
    ),
    Question(
        "vaccine_disease",
        HEALTH,
        P_("vaccine_disease.label", "Vaccinated against"),
        P_("vaccine_disease.ask", "Against which disease were you vaccinated?"),
        Choice(DISEASES),
        applies=_was_vaccinated_without_code,
        private=True,
    ),
    Question(
        "vaccine_product",
        HEALTH,
        P_("vaccine_product.label", "Vaccine"),
        P_("vaccine_product.ask", "Which vaccine was it? Write the name on the card."),
        words(2, 80),
        hint=P_("vaccine_product.hint", "For example: Comirnaty (Pfizer-BioNTech), Stamaril"),
        applies=_was_vaccinated_without_code,
        private=True,
    ),
    Question(
        "vaccine_doses",
        HEALTH,
        P_("vaccine_doses.label", "Doses"),
        P_("vaccine_doses.ask", "How many doses have you had?"),
        number(1, 9, offered=4),
        applies=_was_vaccinated_without_code,
        private=True,
    ),
    Question(
        "vaccine_last",
        HEALTH,
        P_("vaccine_last.label", "Last dose"),
        P_("vaccine_last.ask", "When was the last dose?"),
        PAST_DATE,
        objects=objections.last_dose,
        applies=_was_vaccinated_without_code,
        private=True,
    ),
)

BY_ID = {question.id: question for question in QUESTIONS}
