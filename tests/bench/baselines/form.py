"""The form of the baselines: twenty questions, and what is said before and after them."""

from __future__ import annotations

from typing import Final

QUESTIONS: Final = (
    "What are you coming to Vietnam as?",
    "Which country issued the passport that you travel with?",
    "On which day do you arrive in Vietnam? For example: 5 December 2026",
    "Where do you enter Vietnam? Write the airport, border gate or harbour.",
    "What is the number of the flight with which you land in Vietnam?",
    "On which day do you plan to leave Vietnam?",
    "What is your full name, exactly as in your passport?",
    "When were you born? For example: 14 May 1990",
    "Which sex does your passport state?",
    "What is the number of your passport?",
    "On which day was the passport issued?",
    "Until which day is the passport valid?",
    "At which telephone number or e-mail address can you be reached on the journey?",
    "Where will you stay first? Write the hotel or address, with the city or province.",
    "How many children under 18 travel with you?",
    "In which countries have you been in the last 14 days?",
    "Which symptoms have you had in the last 14 days?",
    "In the last 14 days, were you close to somebody who had an infectious disease?",
    "Which vaccinations have you had?",
    "Is all of this true?",
)
THANKS: Final = "Thank you, your declaration is submitted."


def after(answered: int) -> str:
    """What is said when so many questions have been answered."""
    return QUESTIONS[answered] if answered < len(QUESTIONS) else THANKS
