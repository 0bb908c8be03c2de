# SPDX-License-Identifier: BSD-2-Clause
"""The main conversation: what a person types and what must come back."""
import re


class Lang:
    """One language's words: what is typed, and a pattern of the answer to it."""

    def __init__(self, **words):
        self.__dict__.update(words)
        self.steps = [(self.start, self.ask_name), (self.name, self.ask_age), (self.age, self.ask_sex),
                      (self.sex, self.ask_place), (self.place, self.ask_consent), (self.consent, self.token)]


HI = Lang(
    start="पंजीकरण", name="राम कुमार", age="३५", sex="2", place="बिहार, पटना", consent="हाँ",
    ask_name="पूरा नाम|मरीज का नाम", ask_age="उम्र", ask_sex="मरीज. नंबर|1, 2 या 3",
    ask_place="राज्य और जिला", ask_consent="मंजूर है",
    token=r"टोकन (?P<token>\d+), आपकी संख्या (?P<position>\d+)", status="STATUS",
    position=r"आपकी संख्या (?P<position>\d+) है", near="आपसे पहले 3 मरीज", turn="आपकी बारी आ गई",
    call="CALL", calling="डॉक्टर की कॉल", prescription=r"ई-पर्चा \d+ बन गया", kept="काम रख लिया")
EN = Lang(
    start="REG", name="Asha Devi", age="35", sex="1", place="Bihar, Patna", consent="YES",
    ask_name="full name|patient's name", ask_age=r"how old|patient's age", ask_sex="patient is",
    ask_place="state and district", ask_consent="do you agree|give these details",
    token=r"Token (?P<token>\d+), you are no\. (?P<position>\d+)", status="STATUS",
    position=r"You are no\. (?P<position>\d+)", near="patients before you: 3", turn="it is your turn",
    call="CALL", calling="doctor's call is coming", prescription=r"e-prescription \d+ is ready",
    kept="request is kept")
LANGS = {"hi": HI, "en": EN}


def register(phone, lang=EN, seconds=10.0, after=lambda step: None):
    """From the keyword to the token number; after(i) is called when message i has been sent."""
    found = None
    for i, (text, answer) in enumerate(lang.steps):
        phone.send(text)
        after(i)
        found = phone.expect(answer, seconds)
    return int(found["token"])


def patients(stack, number):
    return stack.rows("SELECT name, age, sex, place, lang FROM patient WHERE msisdn = ?", number)


def tokens(stack, number):
    return stack.rows("SELECT number, state FROM token WHERE msisdn = ? ORDER BY token_id", number)


def registered_once(stack, number, lang=EN):
    """The backend knows this person once, by this name, with one token; its number."""
    rows = patients(stack, number)
    assert [r[0] for r in rows] == [lang.name], rows
    assert rows[0][1] == 35 and rows[0][3] == lang.place, rows
    got = tokens(stack, number)
    assert len(got) == 1, got
    return got[0][0]


def times_seen(phone, pattern):
    return sum(bool(re.search(pattern, x, re.I | re.S)) for x in phone.inbox())
