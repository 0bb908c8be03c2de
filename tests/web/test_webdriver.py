# SPDX-License-Identifier: BSD-2-Clause
"""The browser that tests of pages use does what they believe it does."""
import os
import pathlib
import urllib.parse

from harness import test, wait_until
from webdriver import Browser, WebDriverError

PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>
<label>Name <input id=name></label> <button id=go>Go</button> <p id=out lang=hi></p> <p id=hidden hidden>no</p>
<script>
go.onclick = () => setTimeout(() => { out.textContent = "नमस्ते " + document.getElementById("name").value }, 50)
</script>"""


def address(html):
    return "data:text/html;charset=utf-8," + urllib.parse.quote(html)


def processes(folder):
    """Of the browser in this folder, those that have not ended."""
    found = []
    for p in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (p / "cmdline").read_bytes():
                found.append(int(p.name))
        except OSError:
            continue
    return found


@test("the browser opens, finds, clicks, types, reads and takes a picture, and nothing of it is left behind")
def drives(t):
    page = t.own(Browser(t.folder, 360, 640))
    page.open(address(PAGE))
    assert page.title() == "A page" and page.run("return innerWidth") == 360
    page.type("#name", "आशा")
    page.click("#go")
    page.wait_text("#out", "नमस्ते आशा")
    page.clear("#name")
    page.click("#name")
    page.keys("Ram", "Tab", "Space")
    assert page.attribute(page.focused(), "id") == "go"
    page.wait_text("#out", "नमस्ते Ram")
    assert not page.shown("#hidden") and page.find_all("#none") == [] and page.value("#name") == "Ram"
    assert page.screenshot("page").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert processes(t.folder)
    page.stop()
    wait_until("every process of it has ended", lambda: not processes(t.folder))


@test("an error on the page's console is seen, and what the driver refuses is an error with its code")
def errors(t):
    page = t.own(Browser(t.folder))
    page.open(address(PAGE))
    assert page.console_errors() == []
    page.open(address("<script>nothing.there()</script>"))
    assert [e for e in page.console_errors() if "nothing is not defined" in e]
    try:
        page.click({"element-6066-11e4-a52e-4f735466cecf": "none"})
        assert False, "clicked what is not there"
    except WebDriverError as e:
        assert e.code in ("no such element", "stale element reference"), e
    try:
        page.find("#none", 0.1)
        assert False, "found what is not there"
    except AssertionError as e:
        assert "the page has #none" in str(e)


@test("a browser whose driver was killed is ended all the same")
def killed(t):
    page = t.own(Browser(t.folder))
    os.kill(page.driver.pid, 9)
    page.stop()
    wait_until("every process of it has ended", lambda: not processes(t.folder))
