# SPDX-License-Identifier: BSD-2-Clause
"""The handset page, clicked and typed through as a person does it; pictures of each step are kept."""
import re

import smpp
from handset import Page, Sim, start
from harness import test, wait_until
from test_sim import Esme
from ussd import TOKEN, exchange

# Texts whose contrast with the colour behind them is under 4.5 to 1 (WCAG 2.2 s.1.4.3); a disabled button may.
CONTRAST = """
const numbers = c => (c.match(/[\\d.]+/g) ?? []).map(Number);
const light = c => numbers(c).slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const behind = e => {
    for (; e; e = e.parentElement) {
        const style = getComputedStyle(e), steps = style.backgroundImage.match(/rgb\\([^)]*\\)/g);
        if (steps)
            return steps;
        if (numbers(style.backgroundColor)[3] !== 0)
            return [style.backgroundColor];
    }
    return ["rgb(255, 255, 255)"];
};
return [...document.body.querySelectorAll("*")]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.checkVisibility() && !e.disabled)
    .filter(e => behind(e).some(b => {
        const [low, high] = [light(getComputedStyle(e).color), light(b)].sort((x, y) => x - y);
        return (high + 0.05) / (low + 0.05) < 4.5;
    })).map(e => e.outerHTML.slice(0, 200));
"""


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
    page.run("window.tick = Date.now(); Date.now = () => tick")  # a busy machine is slower than a thumb
    phone.keys("77*66666")
    assert page.value(phone.at(".entry")) == "राम"
    page.run("tick += 2000")
    phone.keys("6")
    assert page.value(phone.at(".entry")) == "रामप", "after a while the same key is the next letter"
    phone.click(".clear")
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


@test("handset: a whole registration by USSD in English with the keyboard alone; the token is shown and comes by SMS")
def english(t):
    s, sim = start(t)
    page = Page(t, sim)
    phone = page.phones()[0]
    page.run("document.querySelector('#new-number').focus()")
    for _ in range(30):  # as somebody without a mouse finds the line of the phone
        page.keys("Tab")
        if "entry" in (page.attribute(page.focused(), "class") or ""):
            break
    assert page.run("return getComputedStyle(document.activeElement).outlineStyle") != "none", "the focus is seen"
    page.keys("*123#", "Enter")
    phone.shows("9 ", "menu")
    while "8 English" not in phone.text():
        page.keys("9", "Enter")
        page.wait("the next page", lambda: phone.state() == "menu" and not page.value(phone.at(".entry")))
    page.keys("8", "Enter")
    phone.shows("1 Take a token", "menu")
    assert page.attribute(phone.at(".display .text"), "lang") == "en"
    page.screenshot("english-1-menu")
    for typed, screen in (("5", "full name"), ("Sita Devi", "age"), ("35", "1 Female"), ("1", "district"),
                          ("Gaya, Bihar", "1 Yes")):
        page.keys(typed, "Enter")
        phone.shows(screen, "menu")
    page.keys("1", "Enter")
    phone.shows("Token", "last")
    assert re.search(TOKEN, phone.text()), phone.text()
    assert "Sita Devi" in str(s.rows("select name from patient"))
    page.wait_text(phone.at(".unread"), "1")
    assert re.search(TOKEN, page.text(phone.at(".heard"))), "a screen reader is told of the SMS"
    page.screenshot("english-2-token")
    # the keypad is one stop of the Tab key; arrows move in it
    page.run("document.querySelector('.keypad button').focus()")
    page.keys("Right", "Down", "Enter", "0", "Backspace", "Up", "Space")
    assert page.value(phone.at(".entry")) == "52"
    page.keys("Escape")
    phone.shows("Dial a service code", "idle")
    # what went over the wire, on demand
    page.click(page.find_all(phone.at(".steps summary"))[-1])
    page.wait("the PDU that began it", lambda: "*123#" in page.text(phone.at(".steps li:last-child dl")))
    assert re.match(r"0000  00 00 00 .. 00 00 00 05", page.text(phone.at(".steps li:last-child pre")))
    page.screenshot("english-3-wire")


@test("handset: the SMS conversation, two phones side by side, each with its own")
def side_by_side(t):
    s, sim = start(t)
    page = Page(t, sim)
    hindi, english = page.phones()[0], page.add("98123 45678")
    assert english.number == "919812345678"
    hindi.say("पंजीकरण")
    english.say("REG")
    hindi.heard("नाम")
    english.heard("name")
    for text, heard in (("राम प्रसाद", "उम्र"), ("४५ साल", "महिला"), ("पुरुष", "राज्य"), ("बिहार, पटना", "मंजूर")):
        hindi.say(text)
        hindi.heard(heard)
    for text, heard in (("Sita Devi", "old"), ("30", "emale"), ("F", "district"), ("Gaya, Bihar", "agree")):
        english.say(text)
        english.heard(heard)
    hindi.say("हाँ")
    english.say("YES")
    hindi.heard("टोकन")
    english.heard("Token")
    assert not [x for x in hindi.received() if re.search("Token|name", x)], hindi.received()
    assert not [x for x in english.received() if re.search("[\u0900-\u097f]{3}", x)], english.received()
    page.wait("what was sent is told as sent", lambda: page.run(
        "return [...document.querySelectorAll('.thread .out .about')].every(e => e.textContent.includes(' · sent'))"))
    langs = page.run("return arguments[0].map(css => [...document.querySelectorAll(css)].map(e => e.lang))",
                     [phone.at(".thread .words") for phone in (hindi, english)])
    assert langs == [["hi"] * 12, ["en"] * 12], langs
    page.screenshot("side-by-side")
    page.add()
    page.screenshot("three-phones")
    english.click(".away")
    page.wait("it is put away", lambda: len(page.phones()) == 2)


@test("handset: hung up or without signal, dialling again goes on where it stopped; the link drops, and comes back")
def dropped(t):
    s, sim = start(t)
    page = Page(t, sim)
    phone = page.phones()[0]
    phone.dial("पूरा नाम", "*123*5#")
    phone.answer("राम कुमार", "उम्र")
    phone.click(".end")
    phone.shows("Dial a service code", "idle")
    phone.dial("1 आगे बढ़ें")
    phone.answer("1", "उम्र")
    phone.answer("40", "महिला")
    phone.click(".lose")
    phone.shows("The signal was lost", "failed")
    page.screenshot("lost-signal")
    phone.enter("")  # the line is empty: the last code once more
    phone.shows("1 आगे बढ़ें", "menu")
    page.fault("drop")
    page.wait("it is bound again", lambda: "connected" in page.text("#bridge") and page.shown(".bridge.up"))
    phone.answer("1", "महिला")
    # nobody answers: the network gives up, and the person is told
    page.fault("silent")
    page.wait("it is pressed", lambda: page.attribute("#faults [data-name=silent]", "aria-pressed") == "true")
    phone.enter("1")
    phone.shows("Connection problem", "failed")
    page.fault("silent")


@test("handset: at 360 pixels nothing is cut off, and the whole page is in Hindi when asked")
def small(t):
    _, sim = start(t)
    page = Page(t, sim, 360, 740)
    phone = page.phones()[0]
    page.screenshot("small-1-idle")
    page.click(".languages [data-lang=hi]")
    phone.dial("1 टोकन लें")
    page.screenshot("small-2-menu")
    phone.click(".to-sms")
    phone.say("HELP")
    phone.heard("TOKEN")
    page.screenshot("small-3-sms")
    page.click(phone.at(".steps summary"))
    page.find(phone.at(".steps pre"))
    for width in (360, 768, 1280):
        page.size(width, 740)
        wide = page.run("return document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} pixels at {width}"
    pale = page.run(CONTRAST)
    assert not pale, pale
    page.size(360, 740)
    page.run("document.querySelector('.keypad').scrollIntoView({block: 'center'})")
    page.screenshot("small-4-keypad")
    left = page.run("""return [...document.querySelectorAll("[data-t], [data-label]")]
        .filter(e => e.closest("body") && !/[\\u0900-\\u097f]/.test(e.dataset.label ? e.getAttribute("aria-label") : e.textContent))
        .map(e => e.outerHTML)""")
    assert not left, left
    small = page.run("""return [...document.querySelectorAll("button")].map(e => [e.getBoundingClientRect(), e.outerHTML])
        .filter(([b]) => b.width && (b.width < 24 || b.height < 24)).map(x => x[1])""")
    assert not small, small  # WCAG 2.2 s.2.5.8


@test("handset: no bridge, no network; requests that are wrong get a clear status")
def wrong(t):
    sim = t.own(Sim(t))
    page = Page(t, sim)
    phone = page.phones()[0]
    assert "No bridge" in page.text("#bridge")
    phone.enter("*123#")
    phone.shows("Connection problem", "failed")
    phone.enter("123")
    page.wait_text("#problem", "*123#")
    page.console_errors()  # the browser notes the 422 as an error of its own
    at = f"/api/phones/{phone.number}"
    for method, path, body, status, code in (
            ("POST", f"{at}/dial", {"code": "*12a#"}, 422, "not-dialled"),
            ("POST", f"{at}/dial", {"code": "*" + "1" * 30 + "#"}, 422, "not-dialled"),
            ("POST", f"{at}/dial", {}, 422, "not-dialled"),
            ("POST", f"{at}/press", {"text": "1"}, 422, "not-sent"),
            ("POST", f"{at}/lose", {}, 409, "no-session"),
            ("POST", f"{at}/sms", {"to": "56161"}, 422, "no-text"),
            ("POST", f"{at}/sms", {"to": "5" * 30, "text": "x"}, 422, "bad-to"),
            ("POST", f"{at}/sms", {"to": "56161", "text": "x" * 5000}, 422, "not-sent"),
            ("POST", f"{at}/sms", "not json", 400, "bad-json"),
            ("POST", f"{at}/sms", b"\xff\xfe{}", 400, "bad-json"),
            ("POST", f"{at}/sms", "[1]", 400, "bad-json"),
            ("POST", f"{at}/ring", {}, 404, "no-such-order"),
            ("POST", "/api/phones/919800000000/dial", {"code": "*123#"}, 404, "no-such-phone"),
            ("POST", "/api/phones", {"number": "12"}, 422, "bad-number"),
            ("POST", "/api/phones", {"number": phone.number}, 409, "phone-there"),
            ("POST", "/api/phones", "x" * 20000, 413, "body-too-large"),
            ("POST", "/api/faults", {"name": "thunder"}, 422, "bad-fault"),
            ("POST", "/api/faults", {"name": "delay", "value": "soon"}, 422, "bad-fault"),
            ("GET", "/api/state?after=soon", None, 400, "bad-after"),
            ("GET", "/api/trace/999999", None, 404, "no-such-step"),
            ("GET", "/api/trace/x", None, 404, "no-such-step"),
            ("GET", "/nothing", None, 404, "not-found"),
            ("PUT", "/api/phones", {}, 405, "method-not-allowed")):
        got = sim.request(method, path, body)
        assert got[0] == status and got[1]["code"] == code, (method, path, got)
    assert sim.request("POST", "/api/phones", {}, kind="text/plain")[0] == 415, "a form of another page presses nothing"
    for i in range(7):
        assert sim.request("POST", "/api/phones", {})[0] == 201
    status, answer = sim.request("POST", "/api/phones", {})
    assert (status, answer["code"]) == (409, "too-many-phones")
    for i in range(120):
        sim.request("POST", f"{at}/sms", {"to": "56161", "text": f"number {i}"})
    kept = sim.request("GET", "/api/state")[1]["phones"][0]["messages"]
    assert [m["text"] for m in kept] == [f"number {i}" for i in range(20, 120)], "the oldest make room"
    page.wait("so they do on the page", lambda: len(page.find_all(phone.at(".thread .out"))) == 100)
    answer, _, _ = exchange(sim.web, "GET", "/", None, {})
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in answer.getheader("Content-Security-Policy")


def over_http(profile, begins):
    @test(f"handset: USSD by the HTTP requests of {profile}: menus, hanging up, going on, the raw request on demand")
    def by_http(t):
        s, sim = start(t, http=profile)
        page = Page(t, sim)
        phone = page.phones()[0]
        page.click(phone.at(".by option[value=http]"))
        phone.dial("पूरा नाम", "*123*5#")
        phone.answer("राम कुमार", "उम्र")
        page.wait("a request and its answer are shown", lambda: [x for x in phone.steps() if "HTTP 200" in x])
        assert not [x for x in phone.steps() if "deliver_sm" in x], phone.steps()
        page.click(page.find_all(phone.at(".steps summary"))[-1])
        page.wait("the request itself", lambda: begins in page.text(phone.at(".steps li:last-child pre")))
        page.screenshot(f"http-{profile}")
        phone.click(".end")
        phone.shows("Dial a service code", "idle")
        wait_until("the bridge knows", lambda: s.metric("dakiya_ussd_sessions_total", profile=profile, outcome="aborted") == 1)
        phone.dial("1 आगे बढ़ें")
        phone.answer("1", "उम्र")
        s.dakiyad.stop()
        phone.enter("35")
        phone.shows("Connection problem", "failed")


over_http("generic-json", 'POST /ussd HTTP/1.1\nContent-Type: application/json\n\n{"session":"sim-')
over_http("africastalking", "networkCode=40401&serviceCode=%2A123%23&text=5")


@test("handset: USSD on the wire: operations, session, alphabets; late, unknown and too long screens are refused")
def on_the_wire(t):
    sim = t.own(Sim(t, "--ussd-timeout", "300"))
    esme = t.own(Esme(sim.port))
    number = sim.request("GET", "/api/state")[1]["phones"][0]["number"]

    def do(order, **body):
        assert sim.request("POST", f"/api/phones/{number}/{order}", body)[0] == 204

    def step(op, text, coding=0):
        pdu = esme.take()
        assert (pdu.service_type, pdu.source_addr, pdu.destination_addr) == ("USSD", number, "*123#"), pdu
        assert pdu.tlv(smpp.TLV_USSD_OP) == bytes([op]) and pdu.data_coding == coding, pdu
        assert pdu.short_message == (text.encode("utf-16-be") if coding else smpp.gsm_encode(text)), pdu
        return pdu.tlv(smpp.TLV_ITS_SESSION)

    def screen(op, session, octets, coding=0):
        """The status that answers this screen."""
        esme.send(smpp.Pdu("submit_sm", 77, service_type="USSD", source_addr="*123#", destination_addr=number, data_coding=coding,
                           short_message=octets, tlvs=[(smpp.TLV_USSD_OP, bytes([op])), (smpp.TLV_ITS_SESSION, session)]))
        answer = esme.read()
        assert answer.command == "submit_sm_resp", answer
        return answer.status

    def shown():
        ussd = sim.request("GET", "/api/state")[1]["phones"][0]["ussd"]
        return ussd["state"], ussd["text"]

    do("dial", code="*123*4#")
    one = step(0x01, "*123*4#")
    assert len(one) == 2 and one[1] & 1 == 0, "the lowest bit is left for the end"
    assert screen(0x02, one, "नाम?".encode("utf-16-be"), 8) == 0 and shown() == ("menu", "नाम?")
    do("press", text="राम")
    step(0x12, "राम", 8)
    assert screen(0x02, one, b"x" * 183) == smpp.RINVMSGLEN
    assert screen(0x02, one, "क".encode("utf-16-be") * 81, 8) == smpp.RINVMSGLEN
    assert screen(0x02, b"\x00\x01", b"no such session") == 0x45
    assert screen(0x11, one, b"Thanks") == 0 and shown() == ("last", "Thanks")
    assert screen(0x02, one, b"late") == 0x45, "that session is over"
    do("dial", code="*123#")
    two = step(0x01, "*123#")
    assert two != one
    do("dial", code="*123#")  # while the first waits: it is ended
    assert step(0x81, "") == two
    three = step(0x01, "*123#")
    assert screen(0x02, two, b"late") == 0x45
    assert step(0x81, "") == three, "no screen in time: the network gives up"
    assert shown() == ("failed", "no answer")
    do("dial", code="*123#")
    four = step(0x01, "*123#")
    assert screen(0x02, four, b"1 Yes") == 0
    do("lose")
    assert shown() == ("failed", "signal lost") and screen(0x02, four, b"1 Yes") == 0x45
    do("dial", code="*123#")
    esme.read()  # not answered, and the link goes
    esme.stop()
    wait_until("the person is told", lambda: shown() == ("failed", "no network"))
