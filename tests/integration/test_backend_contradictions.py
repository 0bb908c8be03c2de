# SPDX-License-Identifier: BSD-2-Clause
"""Where the sources contradict each other (K1 to K20 of docs/services/across.md): a backend with the shipped rules, one
with the other reading of each, the same question to both. K15, K16 and K20 are of words: scripts/check-facts."""
import re

from backend_parts import Backend, phone
from harness import SRCDIR, test

NOW = "2026-11-20T10:00:00+05:30"  # a Friday
# K, service or scheme, rule, the other reading
CHANGES = [
    ("K1", "pmjay", "families", '"10 crore+"'),
    ("K2", "pmjay", "card_fee_rs", "30"), ("K2", "pmjay", "print_fee_note", "true"),
    ("K3", "pmjay", "verify_url", '"https://mera.pmjay.gov.in"'), ("K3", "pmjay", "check_url", '"https://pmjay.gov.in"'),
    ("K4", "pmjay", "mobile_rule", "linked to Aadhaar"),
    ("K5", "pmjay", "exclusions", "[X1, X2, X5]"),
    ("K6", "pmjay", "ration_card_blocks", "true"),
    ("K7", "pmjay", "rural", "[R1, R2, R4, R5, R6, R7, R8]"),
    ("K8", "niramaya", "decision_days", "20"), ("K8", "niramaya", "card_days", "25"), ("K8", "niramaya", "completeness_days", "15"),
    ("K9", "niramaya", "benefit_table_version", "2026-04"), ("K9", "niramaya", "benefit_changes", "in the gazette"),
    ("K10", "niramaya", "renew_reminders", '["02-15"]'), ("K10", "niramaya", "late_renewal_grace_days", "30"),
    ("K11", "niramaya", "cashless", "true"),
    ("K12", "esanjeevani", "token_validity", "rolling_24h"),
    ("K13", "bihar", "call_outside_hours", "true"), ("K13", "bihar", "closing_notice", "false"),
    ("K14", "esanjeevani", "auto_token_on_registration", "true"), ("K14", "bihar", "auto_token_on_registration", "false"),
    ("K17", "cghs", "enforce_region", "true"),
    ("K18", "pmjay", "rules_version", "official2018"),
    ("K19", "pmjay", "senior_age", "75"), ("K19", "cghs", "senior_age", "75"),
]
BIHARI, BORN_1959 = "1000105", "3000012"


def changed_rules(changes):
    text = (SRCDIR / "etc/backend-rules.yaml").read_text()
    for _, service, rule, value in changes:
        head, mine = text.split(f"\n  {service}:\n", 1)
        mine, n = re.subn(rf"( {rule}: {{value: ).*(, source: )", lambda m: m[1] + value + m[2], mine, count=1)
        assert n == 1, rule
        text = f"{head}\n  {service}:\n{mine}"
    return text


def rule(b, scheme, name):
    return b.get(f"/v1/schemes/{scheme}")["rules"][name]["value"]


def estimate(b, **body):
    return b.post("/v1/pmjay/estimate", body)


def result(b, **body):
    return estimate(b, **body)["result"]


def niramaya(b, what, **body):
    return b.post(f"/v1/niramaya/{what}", body)


def clocks(b):
    """Both days of one application: from complete papers, from receipt."""
    ref = niramaya(b, "applications", msisdn=phone(8), kind="ENROL", bpl=True, disability="AUTISM", state="Bihar", lang="hi")["ref"]
    a = niramaya(b, f"applications/{ref}/status", status="SENT_TO_NT")
    return a["decision_due"], a["card_due"]


def renewal(b):
    a = niramaya(b, "validity", enrolled_on="2025-04-01", on="2026-04-20")
    return a["reminders"], a["next_kind"]


def cghs(b, n, who):
    return b.register(phone(n), "cghs", (201, 403), beneficiary_id=who, mobile_verified_at="2026-11-20T09:59:00+05:30")


def referral(b):
    cghs(b, 19, BORN_1959)  # 67 years
    return b.get(f"/v1/services/cghs/member?msisdn={phone(19)}")["referral_needed"]


def evening(b):
    """What the desk's call-next is answered after closing, with one who waits."""
    b.take(phone(13), "bihar")
    b.set_clock("2026-11-20T16:30:00+05:30")
    status = b.next("bihar").status
    b.set_clock(NOW)
    return status


# K, what is asked, the answer under the shipped rules, under the other reading
TABLE = [
    ("K1", lambda b: rule(b, "pmjay", "families"), "12 crore+", "10 crore+"),
    ("K2", lambda b: (rule(b, "pmjay", "card_fee_rs"), rule(b, "pmjay", "print_fee_note")), (0, False), (30, True)),
    ("K3", lambda b: estimate(b)["verify_url"], "https://pmjay.gov.in/search/login", "https://mera.pmjay.gov.in"),
    ("K3", lambda b: rule(b, "pmjay", "check_url"), "https://beneficiary.nha.gov.in", "https://pmjay.gov.in"),
    ("K4", lambda b: rule(b, "pmjay", "mobile_rule"), "registered or linked to Aadhaar", "linked to Aadhaar"),
    ("K5", lambda b: result(b, area="URBAN", categories="U8", formal_job=True), "LIKELY_NOT_ELIGIBLE", "LIKELY_ELIGIBLE_FAMILY"),
    ("K5", lambda b: result(b, area="URBAN", categories="U8", scooter_cc=200), "LIKELY_NOT_ELIGIBLE", "LIKELY_ELIGIBLE_FAMILY"),
    ("K6", lambda b: rule(b, "pmjay", "ration_card_blocks"), False, True),
    ("K7", lambda b: result(b, area="RURAL", categories="R3"), "LIKELY_ELIGIBLE_FAMILY", "NOT_MATCHED"),
    ("K8", clocks, ("2026-12-20", "2026-12-20"), ("2026-12-10", "2026-12-15")),
    ("K8", lambda b: rule(b, "niramaya", "completeness_days"), 10, 15),
    ("K9", lambda b: niramaya(b, "payable", kind="V", amount_rs=1)["table"], "2015-04", "2026-04"),
    ("K9", lambda b: rule(b, "niramaya", "benefit_changes"), "notified on the website", "in the gazette"),
    ("K10", renewal, (["2025-12-31", "2026-01-31", "2026-02-28", "2026-03-15"], "ENROL"), (["2026-02-15"], "RENEW")),
    ("K11", lambda b: niramaya(b, "payable", kind="V", amount_rs=1)["reimbursement"], True, False),
    ("K12", lambda b: b.take(phone(12))["valid_until"], "2026-11-20T23:59:59+05:30", "2026-11-21T09:59:59+05:30"),
    ("K13", evening, 409, 200),
    ("K14", lambda b: "token" in b.register(phone(14)).json, False, True),
    ("K14", lambda b: "token" in b.register(phone(15), "bihar").json, True, False),
    ("K17", lambda b: cghs(b, 17, BIHARI).status, 201, 403),
    ("K18", lambda b: result(b, area="URBAN", categories="U9"), "NOT_MATCHED", "LIKELY_ELIGIBLE_FAMILY"),
    ("K18", lambda b: result(b, area="RURAL", categories="R1"), "LIKELY_ELIGIBLE_FAMILY", "NOT_MATCHED"),
    ("K19", lambda b: result(b, area="URBAN", members=[{"age": 70}]), "SENIOR_ONLY", "NOT_MATCHED"),
    ("K19", referral, False, True),
]


@test("the backend: each contradiction of the sources is a rule, and the other reading of it is another answer")
def contradictions(case):
    other = case.folder / "other.yaml"
    other.write_text(changed_rules(CHANGES))
    lists = ("--lists", SRCDIR / "etc/backend-lists.yaml", f"--test-clock={NOW}")
    shipped, changed = Backend(case, None, *lists), Backend(case, None, *lists, "--rules", other, name="other")
    for k, ask, ours, theirs in TABLE:
        for b, want in ((shipped, ours), (changed, theirs)):
            got = ask(b)
            assert got == want, (k, b.name, got, want)
    asked, written = {row[0] for row in TABLE}, {row[0] for row in CHANGES}
    assert asked == written == {f"K{i}" for i in range(1, 20)} - {"K15", "K16"}, (asked, written)
