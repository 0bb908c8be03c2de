# SPDX-License-Identifier: BSD-2-Clause
"""The clinic's desk in a real browser, over the real backend: a day is clicked and typed through, in Hindi and
English, wide and narrow, with the backend away in the middle of it."""
from backend_parts import Backend, Bridge, is_problem, phone
from harness import test, wait_until
from webdriver import Browser

NOW = "2026-11-23T10:00:00+05:30"  # a Monday
NAMES = ["सीता देवी", "राम कुमार", "Mohan Lal", "फातिमा", "Geeta"]


def clinic(t, people=4):
    bridge = t.own(Bridge().start())
    b = Backend(t, bridge, f"--test-clock={NOW}")
    for n in range(people):
        b.register(phone(n), name=NAMES[n % len(NAMES)], age=30 + n, sex="FM"[n % 2])
        assert b.post("/v1/tokens", {"msisdn": phone(n), "service": "esanjeevani", "mode": "AUDIO"}).status == 201
    return b, bridge


def desk(t, b, width=1280, height=800):
    page = t.own(Browser(t.folder, width, height))
    page.open(f"http://127.0.0.1:{b.port}/desk")
    page.wait_text("#counts", "4")
    return page


def kinds(bridge, n):
    return [e["type"] for e in bridge.of(phone(n))]


def fits(page):
    wide, has = page.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= has, (wide, has)


@test("the desk: a day by mouse in Hindi: called, did not come, done, e-prescription, what was sent, and the day closed")
def day(t):
    b, bridge = clinic(t)
    page = desk(t, b)
    page.wait_text("#live", "लाइव")
    assert page.text("#upnext").split() == ["अगला", "1", "सीता", "देवी,", "30,", "महिला"], page.text("#upnext")
    assert page.text("#queues [aria-pressed=true]").split()[-1] == "4"
    page.click("#next")
    page.wait_text("#out", "सीता देवी")
    wait_until("her phone rings", lambda: "token.called" in kinds(bridge, 0))
    page.wait_text("#note", "टोकन 1 को बुलाया गया")
    page.wait_text("#counts", "3")
    page.click("#out [data-act=missed]")
    page.wait_text("#out", "अभी किसी को नहीं बुलाया गया")
    page.wait_text("#line", "बारी छूटी: 1")
    # Missed: behind the head of the line, and the positions say so.
    assert [x["token"] for x in b.get("/v1/queues/esanjeevani")["tokens"]] == [2, 1, 3, 4]
    assert [page.text(f"#line tr:nth-child({i}) .big") for i in (1, 2, 3, 4)] == ["2", "1", "3", "4"]
    page.click("#next")
    page.wait_text("#out", "राम कुमार")
    page.click("#out [data-act=rx]")
    page.wait_text("#note", "ई-पर्चा")
    wait_until("the e-prescription is told", lambda: "prescription.ready" in kinds(bridge, 1))
    page.click("#told summary")
    page.wait_text("#sent", "ई-पर्चा तैयार")
    page.wait_text("#sent", "भेजी गई")
    page.screenshot("desk-hi-1280")
    # Closing asks first; the way back is what has the focus.
    page.click("#close")
    page.wait_text("#asktext", "3 लोगों को सूचना")
    assert page.attribute(page.focused(), "id") == "no"
    page.screenshot("desk-hi-1280-close")
    page.click("#no")
    assert b.get("/v1/queues/esanjeevani")["waiting"] == 3
    page.click("#close")
    page.click("#yes")
    page.wait_text("#note", "दिन बंद हुआ, 3")
    page.wait_text("#shut", "आज के लिए बंद")
    for n in (0, 2, 3):
        wait_until("those who waited are told", lambda n=n: "consultation.closing" in kinds(bridge, n))
    a = b.post("/v1/tokens", {"msisdn": phone(1), "service": "esanjeevani", "mode": "AUDIO"})
    is_problem(a, 409, "service-closed", next_open="2026-11-24T00:00:00+05:30")
    assert page.attribute("#next", "disabled") and page.attribute("#close", "disabled")
    page.click("#reopen")
    page.wait("the queue is open", lambda: not page.shown("#shut"))
    assert b.post("/v1/tokens", {"msisdn": phone(1), "service": "esanjeevani", "mode": "AUDIO"}).status == 201
    assert page.console_errors() == []


@test("the desk: a day by keyboard in English, and lines of specialities each with its own queue")
def keyboard(t):
    b, bridge = clinic(t)
    page = desk(t, b)
    page.keys("l")
    page.wait_text("#next", "Call next")
    page.keys("n")
    page.wait_text("#out", "सीता देवी")
    page.keys("d")
    page.wait_text("#note", "Token 1: saved")
    page.keys("n")
    page.wait_text("#out", "राम कुमार")
    page.keys("m")
    page.wait_text("#line", "missed 1")
    page.keys("n")
    page.wait_text("#out", "Mohan Lal")
    page.keys("p")
    page.wait_text("#note", "e-prescription")
    # The focus stays where it was while the page draws itself anew.
    page.run("document.querySelector('#queues [data-queue=cghs-eye]').focus()")
    page.keys("Enter")
    page.wait_text("#upnext", "hours" if not b.get("/v1/queues/cghs-eye")["open"] else "Nobody")
    assert page.attribute("#queues [data-queue=cghs-eye]", "aria-pressed") == "true"
    before = page.text("#live")
    page.wait("the page was drawn again", lambda: page.text("#live") != before)
    assert page.attribute(page.focused(), "data-queue") == "cghs-eye"
    assert page.attribute("#next", "disabled")
    page.click("#queues [data-queue=esanjeevani]")
    page.wait_text("#counts", "2")
    # Closing by keyboard: Escape keeps the day, Tab and Enter end it.
    page.click("#close")
    page.keys("Escape", "n")
    page.wait_text("#out", "राम कुमार")
    page.run("document.getElementById('close').focus()")
    page.keys("Enter")
    page.wait_text("#asktext", "The 1 who are called stay with you")
    page.keys("Tab", "Enter")
    page.wait_text("#note", "The day is closed, 1")
    assert "राम कुमार" in page.text("#out")  # his turn is the desk's still
    page.keys("d")
    page.wait_text("#out", "Nobody is called now")
    assert page.console_errors() == []


@test("the desk: while the backend is away nothing old is shown as live and nothing can be pressed; then it goes on")
def away(t):
    b, bridge = clinic(t)
    page = desk(t, b)
    page.click("#next")
    page.wait_text("#out", "सीता देवी")
    b.process.popen.kill()
    b.process.popen.wait()
    page.wait_text("#away", "अभी की नहीं", 15)
    assert "stale" in page.attribute("#all", "class") and "संपर्क नहीं" in page.text("#live")
    for css in ("#next", "#close", "#out [data-act=done]"):
        assert page.attribute(css, "disabled"), css
    page.keys("n")
    page.screenshot("desk-away-1280")
    b.more += ["--listen", f"127.0.0.1:{b.port}"]
    b.start()
    page.wait("it is live again", lambda: not page.shown("#away") and "stale" not in page.attribute("#all", "class"), 15)
    assert b.get("/v1/queues/esanjeevani")["called"] == 1  # N was not kept for later
    page.click("#out [data-act=done]")
    page.wait_text("#note", "टोकन 1: दर्ज हुआ")


@test("the desk: 360 pixels wide, in both languages, nothing is cut off and every button is large enough for a thumb")
def narrow(t):
    b, _ = clinic(t)
    page = desk(t, b, 360, 740)
    page.click("#next")
    page.wait_text("#out", "सीता देवी")
    for name in ("hi", "en"):
        fits(page)
        small = page.run("return [...document.querySelectorAll('button')].filter(b => b.offsetParent && b.offsetHeight < 40)"
                         ".map(b => b.textContent)")
        assert small == [], small
        page.screenshot(f"desk-{name}-360")
        page.click("#lang")
    page.size(1280, 800)
    fits(page)
