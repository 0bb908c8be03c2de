# SPDX-License-Identifier: BSD-2-Clause
"""The handset page, clicked and typed through as a person does it; pictures of each step are kept."""
import re

from handset import Page, start
from harness import test
from ussd import TOKEN


@test("handset: a whole registration by USSD in Hindi, from the dialled code to the token, clicked on the keypad")
def hindi(t):
    s, sim = start(t)
    page = Page(t, sim)
    page.click(".languages [data-lang=hi]")
    assert page.attribute("html", "lang") == "hi" and "डायल" in page.text(".to-ussd")
    phone = page.phones()[0]
    page.screenshot("hindi-1-idle")
    phone.keys("*123#")
    phone.click(".call")
    phone.shows("1 टोकन लें", "menu")
    assert page.attribute(phone.at(".display .text"), "lang") == "hi"
    page.screenshot("hindi-2-menu")
    phone.keys("1")
    phone.click(".call")
    phone.shows("मरीज का पूरा नाम", "menu")
    # three ways to write: the keypad's Devanagari, the computer's keyboard, Devanagari digits
    phone.click(".mode")
    phone.click(".mode")
    phone.keys("77*66666")
    assert page.value(phone.at(".entry")) == "राम"
    page.screenshot("hindi-3-name")
    phone.enter(" कुमार")
    phone.shows("उम्र", "menu")
    phone.answer("३५", "महिला")
    phone.answer("२", "जिला")
    phone.answer("बिहार, पटना", "1 हां")
    phone.enter("1")
    phone.shows("टोकन", "last")
    assert re.search(TOKEN, phone.text()), phone.text()
    phone.click(".to-sms")
    phone.heard("टोकन")
    page.screenshot("hindi-4-token")
    assert s.rows("select name, age, sex from patient") == [("राम कुमार", 35, "M")]
