/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pack_compile.c - every refusal of the pack compiler, each by one change to a pack that is
 * right, with the place and the sentence that it must be told with. */
#include "mini_pack.h"

struct row {
	const char *file, *from, *to;
	const char *says; /* stands in what is reported */
};

static const struct row refused[] = {
    /* ---- the path's end, and its steps ---- */
    {"service.yaml", "    var: name\n    next: age\n", "    var: name\n",
	"service.yaml:17:5: this path does not end: give \"next\" a step or end"},
    {"service.yaml", "    next: when\n", "", "service.yaml:28:9: this path does not end"},
    {"service.yaml", "{set: {token: \"1\"}, next: when}", "{set: {token: \"1\"}}",
	"service.yaml:31:13: this path does not end"},
    {"service.yaml", "no: sorry}", "}", "this path does not end: give \"no\""},
    {"service.yaml", "F: sorry}, else: sorry}", "F: sorry}}", "give \"else\" a step or end"},
    {"service.yaml", "code: full, next: full}", "code: full}", "this path does not end"},
    {"service.yaml", "{say: sorry, next: quiet}", "{say: sorry, next: sorry}",
	"step \"sorry\" comes back to itself without asking anything"},
    {"service.yaml", "  look: {end: look}",
	"  look: {ask: age, text: look, hint: look, var: age, next: look}",
	"service.yaml:44:3: step \"look\" is on a path that does not end"},
    {"service.yaml", "code: full, next: full}", "code: full, next: end}",
	"service.yaml:41:3: step \"full\" is not reached from any trigger"},
    {"service.yaml", "code: full, next: full}", "code: full, next: age}",
	"service.yaml:35:3: step \"send\" asks without end while it is answered 409: write again: age"},
    {"service.yaml", "code: full, next: full}", "code: full, next: full, again: age}",
	"an outcome has \"next\" or \"again\""},
    {"service.yaml", "code: full, next: full}", "code: full, next: full, give_up: sorry}",
	"\"give_up\" stands beside \"again\""},
    {"service.yaml", "no: sorry}", "no: end}",
	"service.yaml:34:3: after step \"sure\" a dialogue may end without saying anything"},
    {"service.yaml", "{end: look}", "{call: GET /x, outcomes: [{status: 200, next: quiet}]}",
	"service.yaml:13:3: this trigger may end without saying anything"},
    {"service.yaml", "next: sex}", "next: sechs}", "service.yaml:22:65: there is no step \"sechs\""},
    {"service.yaml", "{end: done}", "{finish: done}",
	"a step is one of menu, pick, ask, otp, call, say, set, branch, end"},
    {"service.yaml", "  look: {end: look}", "  look: hello", "a step must be a map"},
    {"service.yaml", "  full: {", "  end: {", "\"end\" is every dialogue's end"},
    {"service.yaml", "  look: {end: look}", "  Look!: {end: look}", "\"Look!\" is no name"},
    {"service.yaml", "    hint: hint_name\n", "    hint: hint_name\n    colour: red\n",
	"service.yaml:20:5: a question has no field \"colour\""},
    /* ---- questions ---- */
    {"service.yaml", "{ask: date", "{ask: shoe",
	"service.yaml:32:15: there is no question of type \"shoe\""},
    {"service.yaml", "{ask: date", "{ask: otp", "the step is called otp"},
    {"service.yaml", "    hint: hint_name\n", "", "\"hint\" is missing here"},
    {"service.yaml", "    var: name\n", "", "\"var\" is missing here: the answer goes nowhere"},
    {"service.yaml", "    var: name\n", "    var: age\n",
	"variable \"age\" is a number; this answer is not"},
    {"service.yaml", "  name: text 60", "  name: text 20",
	"the answer may be 60 long, variable \"name\" only 20"},
    {"service.yaml", "min: 6, max: 6", "min: 6, max: 60", "\"max\" must be a number from 1 to 18"},
    {"service.yaml", "min: 6, max: 6", "min: 6, max: 4", "\"min\" is above \"max\""},
    {"service.yaml", "      - {label: female, value: F}\n", "", "a menu has 2 to 9 options"},
    {"service.yaml", "label: female, value: F", "label: female", "each option needs a \"value\""},
    {"service.yaml", "value: F", "value: FEMALE", "\"FEMALE\" does not fit variable \"sex\""},
    {"service.yaml", "value: F", "value: F, words: [\"!\"]", "a word must have letters or digits"},
    {"service.yaml", "label: male,", "label: ask_sex,",
	"is a menu option in one place and a message in another"},
    /* ---- one-time codes ---- */
    {"service.yaml", "  sorry: {say: sorry, next: quiet}",
	"  sorry: {otp: sorry, hint: sorry, next: quiet, refused: full}", "it has {otp} once"},
    {"service.yaml", "  sorry: {say: sorry, next: quiet}",
	"  sorry: {otp: sorry, hint: sorry, next: quiet}",
	"this path does not end: give \"refused\" a step or end"},
    {"service.yaml", "  sorry: {say: sorry, next: quiet}",
	"  sorry: {otp: sorry, hint: sorry, var: sex, next: quiet, refused: done}",
	"\"var\" gets a time"},
    {"service.yaml", "  sorry: {say: sorry, next: quiet}",
	"  sorry: {otp: sorry, hint: sorry, next: quiet, refused: sorry}",
	"comes back to itself without asking anything"},
    /* ---- picks ---- */
    {"service.yaml", "    menu: ask_sex\n", "    pick: ask_sex\n", "\"none\" is missing here"},
    {"service.yaml", "    menu: ask_sex\n",
	"    pick: ask_sex\n    none: {label: female, value: \"0\"}\n",
	"only one with \"alone\" has a \"next\" of its own"},
    {"service.yaml", "    menu: ask_sex\n",
	"    pick: ask_sex\n    none: {label: female, value: \"0\"}\n",
	"the answer may be 3 long, variable \"sex\" only 1"},
    {"service.yaml", "    menu: ask_sex\n", "    pick: ask_sex\n    none: {label: female}\n",
	"\"none\" needs a \"value\""},
    {"service.yaml", "value: F}", "value: F, alone: true}", "an option has no field \"alone\""},
    /* ---- variables ---- */
    {"service.yaml", "    var: name\n", "    var: nam\n",
	"service.yaml:20:10: variable \"nam\" is not declared"},
    {"service.yaml", "name: $name", "name: $nam",
	"service.yaml:37:18: variable \"nam\" is not declared"},
    {"service.yaml", "{pin}", "{pink}", "variable \"pink\" is not declared"},
    {"service.yaml", "{pin}", "{pin", "here a brace is alone"},
    {"service.yaml", "get: {token: /token}, next: done", "get: {tokn: /token}, next: done",
	"variable \"tokn\" is not declared"},
    {"service.yaml", "get: {token: /token}, next: done", "get: {token: token}, next: done",
	"\"token\" is no JSON pointer"},
    {"service.yaml", "get: {token: /token}, next: done", "next: done",
	"service.yaml:43:3: text \"done\" (hi) uses variable \"token\", which may have no value here"},
    {"service.yaml", "    get: {token: /token}\n    text", "    text",
	"text \"called\" (hi) uses variable \"token\""},
    {"service.yaml", "list: [1, $sex]", "list: [1, $token]",
	"step \"send\" uses variable \"token\", which may have no value"},
    {"service.yaml", "branch: $sex", "branch: $token", "step \"full\" uses variable \"token\""},
    {"service.yaml", "branch: $sex", "branch: sex", "a branch looks at a variable: write $sex"},
    {"service.yaml", "{token: \"1\"}", "{token: one}", "\"one\" does not fit variable \"token\""},
    {"service.yaml", "{token: \"1\"}", "{token: $name}", "\"$name\" may not fit variable \"token\""},
    {"service.yaml", "number 3", "number 33", "a variable is \"text N\""},
    {"service.yaml", "number 3", "numeral", "a variable is \"text N\""},
    {"service.yaml", "  age: number 3", "  lang: number 3",
	"\"lang\" is a variable that every pack has"},
    /* ---- calls ---- */
    {"service.yaml", "POST /v1/mini/{pin}", "PUSH /v1/mini/{pin}",
	"a call is written \"GET /path\" or \"POST /path\""},
    {"service.yaml", "POST /v1/mini/{pin}", "GET /v1/mini/{pin}", "a GET has no body"},
    {"service.yaml", "backend: health\n", "", "\"backend\" is missing here"},
    {"service.yaml", "status: 201", "status: created", "\"status\" is one to four HTTP statuses"},
    {"service.yaml", "status: 201,", "", "\"status\" is missing here"},
    {"service.yaml", "    outcomes:\n", "    away: {keep: 1h, next: end}\n    outcomes:\n",
	"give \"keep\" or \"next\""},
    {"service.yaml", "    outcomes:\n", "    timeout: soon\n    outcomes:\n",
	"\"timeout\" must be a time such as"},
    {"service.yaml", "{/kind: turn}", "{/kind: <=x}", "after <= stands a number"},
    {"service.yaml", "{/kind: turn}", "{/kind: [turn]}",
	"a condition is one value, or <= and a number"},
    {"service.yaml", "status: 201", "status: [200, 201, 202, 203, 204]",
	"\"status\" is one to four HTTP statuses"},
    {"service.yaml", "status: 201", "status: []", "\"status\" is empty"},
    {"service.yaml", "get: {token: /token}, next: done", "get: {token: [/token]}, next: done",
	"a variable is taken from one JSON pointer"},
    {"service.yaml", "    outcomes:\n", "    away: {keep: 1h, shout: true}\n    outcomes:\n",
	"away has no field \"shout\""},
    {"service.yaml", "  look: {end: look}", "  look: {call: GET /x, outcomes: []}",
	"a call needs at least one outcome"},
    {"service.yaml", "cases: {F: sorry}", "cases: {F: [sorry]}", "a case leads to one step"},
    {"service.yaml", "{token: \"1\"}", "{token: [1]}", "a variable is set to one value"},
    /* ---- texts ---- */
    {"service.yaml", "text: ask_pin", "text: ask_pim",
	"service.yaml:33:28: text \"ask_pim\" is missing in language \"hi\""},
    {"en.yaml",
	"  look:", "  lock:", "service.yaml:44:15: text \"look\" is missing in language \"en\""},
    {"hi.yaml", "Sorry.", "Sorry {who}.", "hi.yaml:12:10: variable \"who\" is not declared"},
    {"hi.yaml", "Sorry.", "Sorry } now.", "here a brace is alone"},
    {"hi.yaml", "\"Sorry.\"", "\"\"", "a text has words in it"},
    {"hi.yaml", "language: hi", "language: mr", "the file's name says \"hi\""},
    /* ---- last screens ---- */
    {"common/hi.yaml", "जवाब SMS से आएगा।\"\n  screen_away",
	"जवाब SMS से आएगा, कुछ देर में ही आएगा।\"\n  screen_away",
	"text \"screen_late\" is 62 UCS-2 units long; here a screen has room for 60"},
    {"common/en.yaml",
	"  screen_full:", "  screen_fall:", "text \"screen_full\" is missing in language \"en\""},
    {"common/en.yaml", "ussd_back: \"back\"", "ussd_back: \"back to the question before this one\"",
	"text \"ussd_back\" is 36 septets long; here a screen has room for 30"},
    {"common/hi.yaml", "ussd_more:", "ussd_mor:", "text \"ussd_more\" is missing in language \"hi\""},
    /* ---- screens ---- */
    {"hi.yaml", "{text: \"PIN?\",",
	"{text: \"PIN?\", ussd: \"अस्पताल के पते का पिन कोड, छह अंकों में, लिखकर भेजें जी।\",",
	"hi.yaml:10:12: question \"ask_pin\" with its key takes 63 of a screen's 60 UCS-2 units; give "
	"it "
	"shorter words as \"ussd\""},
    {"en.yaml", "Name?",
	"Please send us the name of the patient in full, as it is written on the ration card or on any "
	"other "
	"card that the patient has with him or with her now.",
	"en.yaml:3:13: question \"ask_name\" with its key takes 158 of a screen's 140 septets"},
    {"hi.yaml", "Sorry.",
	"Sorry:0123456789012345678901234567890123456789012345678901234567890123456789"
	"01234567890123456789012345678901234567890123456789012345678901234567890.",
	"hi.yaml:12:10: a word of text \"sorry\" is longer than a screen"},
    {"hi.yaml", "female: Female",
	"female: \"महिला महिला महिला महिला महिला महिला महिला महिला महिला महिला\"",
	"hi.yaml:6:12: a word or an option of question \"ask_sex\" is longer than a screen"},
    {"service.yaml", "value: F}", "value: F, words: [\"9\"]}",
	"service.yaml:23:3: step \"sex\" takes \"9\" as a word; on a screen it is a key"},
    {"service.yaml", "value: F}", "value: F, words: [\"० \"]}", "takes \"0\" as a word"},
    {"common/service.yaml", "\"no\": [2,", "\"no\": [2, 0,",
	"\"0\" is a yes or a no; on a screen it is a key"},
    {"hi.yaml", "Sorry.\",", "Sorry.\", ussd: \"Sorry {who}.\",", "variable \"who\" is not declared"},
    {"hi.yaml", "Sorry.\",", "Sorry.\", ussd: \"Sorry {token}.\",",
	"text \"sorry\" (hi) uses variable \"token\", which may have no value here"},
    {"hi.yaml", "Sorry.\",", "Sorry.\", ussd: \"\",", "hi.yaml:12:10: a text has words in it"},
    {"hi.yaml", "Sorry.\",", "Sorry.\", keep: true,",
	"en.yaml:12:10: text \"sorry\" is kept in another language"},
    {"hi.yaml", "female: Female", "female: {text: Female, ussd: F}",
	"text \"female\" is a menu option: it has no words of its own for screens"},
    {"service.yaml", "backend: health", "backend: health\nussd: {key: 1, label: female}",
	"a pack on the main menu of screens has \"ussd\" at the top of its file and at one trigger"},
    {"service.yaml", "keywords: {both: [LOOK]}",
	"keywords: {both: [LOOK]}\n    ussd: {key: 1, label: male}",
	"service.yaml:11:3: a pack on the main menu"},
    {"service.yaml", "backend: health", "backend: health\nussd: {key: 8, label: female}",
	"\"key\" must be a number from 1 to 7"},
    {"service.yaml", "backend: health", "backend: health\nussd: {key: 1}", "\"label\" is missing here"},
    {"service.yaml", "backend: health", "backend: health\nussd_resume: soon",
	"\"ussd_resume\" must be a time such as"},
    {"service.yaml", "    keywords: {en: [MINI], hi: [मिनी]}\n  look:\n    keywords: {both: [LOOK]}\n",
	"    ussd: {key: 2, label: male}\n    keywords: {en: [MINI], hi: [मिनी]}\n"
	"  look:\n    ussd: {key: 2, label: male}\n    keywords: {both: [LOOK]}\n",
	"service.yaml:15:11: key 2 of this menu is already taken"},
    {"hi.yaml", "female: Female", "female: \"Female {name}\"", "is a menu option and has a variable"},
    {"hi.yaml", "Sorry.",
	"माफ करें, अभी यह नहीं हो सका। माफ करें, अभी यह नहीं हो सका। माफ करें, अभी यह नहीं हो सका। माफ करें, "
	"अभी यह नहीं हो सका। माफ करें, अभी यह नहीं हो सका।",
	"hi.yaml:12:10: text \"sorry\" may need 3 segments"},
    {"hi.yaml", "Sex?",
	"मरीज महिला हैं या पुरुष? मरीज महिला हैं या पुरुष? मरीज महिला हैं या पुरुष? मरीज महिला हैं या पुरुष? "
	"मरीज महिला हैं या पुरुष? जी?",
	"text \"ask_sex\" with its options may need 3 segments"},
    /* ---- DLT ---- */
    {"hi.yaml", ", dlt: \"1100000000000001008\"", "", "text \"sorry\" has no DLT template id"},
    {"hi.yaml", "1100000000000001008", "110000000000000100", "a DLT template id has 19 digits"},
    {"hi.yaml", "1100000000000001008", "1100000000000001009", "has the DLT template id of"},
    {"hi.yaml", "Token {token} is yours.", "Token {token}, {name}.",
	"text \"done\" has two variables without a word between"},
    {"hi.yaml", "Token {token} is yours.", "Token {token}{name} is.",
	"two variables without a word between them (DLT)"},
    {"hi.yaml", "Token {token} is yours.", "A {token} b {name} c {age} d {pin} e.",
	"has 4 variables, DLT allows 3"},
    /* ---- keywords ---- */
    {"service.yaml", "both: [LOOK]", "both: [HELP]",
	"service.yaml:14:23: keyword \"HELP\" is already one of pack \"common\""},
    {"service.yaml", "both: [LOOK]", "both: [mini]",
	"keyword \"mini\" is already one of pack \"mini\" (MINI)"},
    {"service.yaml", "both: [LOOK]", "mr: [LOOK]", "\"mr\" is no language of the common pack"},
    {"service.yaml", "both: [LOOK]", "hi: [LOOK]", "no keyword to tell people in language \"en\""},
    {"service.yaml", "both: [LOOK]", "both: LOOK", "keywords are a list"},
    {"service.yaml", "both: [LOOK]}", "both: [LOOK]}\n    exact: perhaps",
	"\"exact\" must be true or false"},
    {"service.yaml", "both: [LOOK]", "both: [\"!!\"]", "a keyword must have letters or digits"},
    {"service.yaml", "  look:\n    keywords", "  lock:\n    keywords", "there is no step \"lock\""},
    /* ---- events ---- */
    {"service.yaml", "life: 10m\n", "life: 10m\n    class: otp\n", "an event's class is alert or info"},
    {"service.yaml", "trigger: look", "trigger: lock", "there is no trigger \"lock\" in this pack"},
    {"service.yaml", "expect: {trigger: look, words: [jao], life: 10m}", "expect: nothing",
	"\"expect\" is none or a map"},
    {"service.yaml", "coalesce: turn", "coalesce: My turn", "\"My turn\" is no name"},
    {"service.yaml", "life: 10m\n", "life: 10m\n    merge: sorry\n",
	"\"quiet\" and \"merge\" are of events of class info"},
    {"service.yaml", "life: 10m\n", "life: 10m\n    quiet: no\n",
	"\"quiet\" and \"merge\" are of events of class info"},
    {"service.yaml", "    text: called\n", "    class: info\n    merge: sorry\n",
	"\"merge\" needs a \"text\" for one alone"},
    {"service.yaml", "    get: {token: /token}\n    text: called\n",
	"    class: info\n    text: sorry\n    merge: called\n", "text \"called\" (hi) uses variable"},
    /* ---- the file ---- */
    {"service.yaml", "service: mini", "service: maxi",
	"service.yaml:1:10: the service is called \"maxi\" and its folder \"mini\""},
    {"service.yaml", "backend: health", "frontend: health", "a service file has no field \"frontend\""},
    {"service.yaml", "backend: health", "backend: [health]", "\"backend\" must be one value"},
    {"hi.yaml", mini_hi, "just words", "a text catalogue is a map"},
    {"service.yaml", mini_service, "just words", "a service file is a map"},
    {"hi.yaml", "  ask_age:", "  ask age:", "\"ask age\" is no name"},
    {"service.yaml", "backend: health", "budget: 9", "\"budget\" must be a number from 1 to 8"},
    {"service.yaml", "steps:\n", "steps: [\n", "service.yaml:"},
    {"service.yaml",
	"triggers:\n  begin:", "triggers:\n  begin: x\n  other:", "\"keywords\" is missing here"},
    /* ---- the common pack ---- */
    {"common/hi.yaml",
	"  kept_lost:", "  kept_found:", "text \"kept_lost\" is missing in language \"hi\""},
    {"common/hi.yaml", "ठीक है, रखा हुआ", "ठीक है, {keyword} रखा हुआ",
	"text \"kept_dropped\" is said without any variable"},
    {"common/service.yaml", "  stop:\n", "  halt:\n", "commands has no field \"halt\""},
    {"common/service.yaml", "languages: [hi, en]", "languages: [hi, en, Hinglish]",
	"a language is a code"},
    {"common/service.yaml", "languages: [hi, en]", "languages: [hi, en, ta, te, kn]",
	"there are at most 4 languages"},
    {"common/service.yaml", "languages: [hi, en]", "languages: []",
	"there is no pack \"common\" with languages"},
    {"common/service.yaml", "languages: [hi, en]", "languages: [hi]",
	"a pack holds service.yaml and one file for each language"},
};

static void test_each_mistake_is_told_with_its_place(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const struct row *r = &refused[i];
		struct buf err;
		struct packs *p;

		buf_init(&err, 1 << 20);
		p = mini_compile(r->file, r->from, r->to, &err, NULL);
		if (p || !strstr(buf_str(&err), r->says))
			print_error("\"%s\" -> \"%s\": wanted \"%s\", got: %s", r->from, r->to, r->says,
			    buf_str(&err)),
			    wrong++;
		packs_free(p);
		buf_clear(&err);
	}
	assert_int_equal(wrong, 0);
}

static void test_the_mini_pack_itself_is_right(void **state)
{
	struct buf err, warn;
	struct packs *p;

	(void)state;
	buf_init(&err, 1 << 20);
	buf_init(&warn, 1 << 20);
	p = mini_compile(NULL, NULL, NULL, &err, &warn);
	assert_string_equal(buf_str(&err), "");
	assert_string_equal(buf_str(&warn), "");
	assert_non_null(p);
	assert_string_equal(packs_backend(p, 0), "health");
	assert_null(packs_backend(p, 1));
	packs_free(p);
	buf_clear(&err);
	buf_clear(&warn);
}

static void test_what_an_event_will_be_is_known_before_it_is_told(void **state)
{
	static const struct {
		const char *to; /* instead of the event's life */
		enum msg_class class;
		bool is_loud;
		const char *group;
	} row[] = {
	    {"life: 10m\n", CLASS_ALERT, false, NULL},
	    {"life: 10m\n    class: info\n", CLASS_INFO, false, NULL},
	    {"life: 10m\n    class: info\n    quiet: no\n    merge: sorry\n", CLASS_INFO, true,
		"mini/sorry"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		json_t *turn = json_pack("{s:s}", "kind", "turn"), *other = json_object();
		struct event_plan plan;
		struct buf err;
		struct packs *p;

		buf_init(&err, 1 << 20);
		p = mini_compile("service.yaml", "life: 10m\n", row[i].to, &err, NULL);
		assert_string_equal(buf_str(&err), "");
		plan = packs_event_plan(p, SV("mini"), SV("mini.called"), turn);
		assert_true(plan.is_told);
		assert_int_equal(plan.class, row[i].class);
		assert_int_equal(plan.life_ms, 600000);
		assert_int_equal(plan.is_loud, row[i].is_loud);
		assert_string_equal(plan.coalesce, "turn");
		assert_true(row[i].group ? plan.group && strcmp(plan.group, row[i].group) == 0
					 : !plan.group);
		assert_false(packs_event_plan(p, SV("mini"), SV("mini.called"), other).is_told);
		assert_false(packs_event_plan(p, SV("mini"), SV("mini.called"), NULL).is_told);
		assert_false(packs_event_plan(p, SV("mini"), SV("mini.gone"), turn).is_told);
		assert_false(packs_event_plan(p, SV("none"), SV("mini.called"), turn).is_told);
		json_decref(turn);
		json_decref(other);
		packs_free(p);
		buf_clear(&err);
	}
}

#define FRAGMENT \
	"vars:\n  spare: text 9\nsteps:\n  extra: {set: {spare: \"x\"}, next: last}\n  last: {end: " \
	"more}\n" \
	"events:\n  - {on: mini.more, get: {token: /token}, text: more}\n"

/* The mini pack with a fragment, of which `from` is turned into `to`. */
static struct packs *with_fragment(const char *from, const char *to, struct buf *err)
{
	char *look = changed(mini_service, "  look: {end: look}", "  look: {say: look, next: extra}");
	char *service = xasprintf("%sinclude: [more]\n", look);
	char *fragment = xstrdup(FRAGMENT), *changed_one;
	char *common[] = {shipped("service.yaml"), shipped("hi.yaml"), shipped("en.yaml")};
	struct packs *p;

	if (strstr(service, from))
		changed_one = service, service = changed(changed_one, from, to);
	else
		changed_one = fragment, fragment = changed(changed_one, from, to);
	free(changed_one);
	const struct pack_source src[] = {{"service.yaml", "mini", "service.yaml", sv_from(service)},
	    {"hi.yaml", "mini", "hi.yaml", SV(mini_hi)}, {"en.yaml", "mini", "en.yaml", SV(mini_en)},
	    {"common/service.yaml", "common", "service.yaml", sv_from(common[0])},
	    {"common/hi.yaml", "common", "hi.yaml", sv_from(common[1])},
	    {"common/en.yaml", "common", "en.yaml", sv_from(common[2])},
	    {"common/more.yaml", "common", "more.yaml", sv_from(fragment)},
	    {"common/more.hi.yaml", "common", "more.hi.yaml",
		SV("language: hi\ntexts:\n  more: {text: \"और।\", dlt: \"1100000000000001098\"}\n")},
	    {"common/more.en.yaml", "common", "more.en.yaml",
		SV("language: en\ntexts:\n  more: {text: \"More.\", dlt: \"1100000000000002098\"}\n")}};

	p = packs_compile(src, sizeof(src) / sizeof(src[0]), err, NULL);
	for (size_t i = 0; i < 3; i++)
		free(common[i]);
	free(service);
	free(fragment);
	free(look);
	return p;
}

static void test_a_fragment_is_a_part_of_the_pack_that_includes_it(void **state)
{
	static const struct {
		const char *from, *to, *says; /* NULL: it is right */
	} row[] = {{"next: last}", "next: last}", NULL},
	    {"include: [more]", "include: [less]", "the pack common has no fragment \"less\""},
	    {"include: [more]", "include: [service]", "the pack common has no fragment \"service\""},
	    {"next: last}", "next: lost}", "common/more.yaml:4:36: there is no step \"lost\""},
	    {"  last: {end: more}", "  look: {end: more}",
		"common/more.yaml:5:3: there are two steps \"look\""},
	    {"  last: {end: more}", "  last: {end: more}\n  idle: {end: more}",
		"common/more.yaml:6:3: step \"idle\" is not reached from any trigger"},
	    {"spare: text 9", "name: text 9", "common/more.yaml:2:3: there are two variables \"name\""},
	    {"vars:\n  spare", "triggers: {}\nvars:\n  spare", "a fragment has no field \"triggers\""},
	    {"{end: more}", "{end: mores}", "text \"mores\" is missing in language"},
	    {"{on: mini.more, get: {token: /token}", "{on: mini.more, get: {tokens: /token}",
		"common/more.yaml:7:"}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		json_t *data = json_object();
		struct buf err;
		struct packs *p;

		buf_init(&err, 1 << 20);
		json_object_set_new(data, "token", json_integer(7));
		p = with_fragment(row[i].from, row[i].to, &err);
		if (!p != !!row[i].says || (row[i].says && !strstr(buf_str(&err), row[i].says)))
			fail_msg("\"%s\": wanted \"%s\", got: %s", row[i].to,
			    row[i].says ? row[i].says : "nothing", buf_str(&err));
		if (p)
			assert_true(packs_event_plan(p, SV("mini"), SV("mini.more"), data).is_told);
		json_decref(data);
		packs_free(p);
		buf_clear(&err);
	}
}

static void test_warnings_do_not_refuse(void **state)
{
	static const struct row row[] = {
	    {"hi.yaml",
		"  sorry:", "  spare: {text: \"Spare.\", dlt: \"1100000000000001099\"}\n  sorry:",
		"hi.yaml:12:10: text \"spare\" is not used"},
	    {"hi.yaml", "Token {token} is yours.", "Token {token} on {lang} by {service}.",
		"text \"done\" has 3 variables"},
	    {"service.yaml", "both: [LOOK]", "both: [LOOK, look]",
		"keyword \"look\" is the same as \"LOOK\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf err, warn;
		struct packs *p;

		buf_init(&err, 1 << 20);
		buf_init(&warn, 1 << 20);
		p = mini_compile(row[i].file, row[i].from, row[i].to, &err, &warn);
		assert_string_equal(buf_str(&err), "");
		assert_non_null(p);
		if (!strstr(buf_str(&warn), row[i].says))
			fail_msg("wanted \"%s\", got: %s", row[i].says, buf_str(&warn));
		packs_free(p);
		buf_clear(&err);
		buf_clear(&warn);
	}
}

static void test_several_mistakes_are_told_at_once(void **state)
{
	struct buf err;
	struct packs *p;

	(void)state;
	buf_init(&err, 1 << 20);
	p = mini_compile("service.yaml", "    text: ask_name\n    hint: hint_name\n    var: name\n",
	    "    text: ask_name\n    var: nam\n    shape: round\n", &err, NULL);
	assert_null(p);
	assert_non_null(strstr(buf_str(&err), "\"hint\" is missing"));
	assert_non_null(strstr(buf_str(&err), "variable \"nam\""));
	assert_non_null(strstr(buf_str(&err), "no field \"shape\""));
	buf_clear(&err);
}

/* A turn says at most four texts of a pack and makes at most six calls. */
static void test_a_turn_that_says_or_asks_too_much_is_refused(void **state)
{
	static const struct {
		unsigned says, calls;
		const char *error;
	} row[] = {{3, 1, NULL}, {4, 1, "one turn may say 5 texts, it may say 4"}, {1, 6, NULL},
	    {1, 7, "one turn may make 7 calls, it may make 6"}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf steps, err;
		struct packs *p;

		buf_init(&steps, 1 << 16);
		buf_init(&err, 1 << 20);
		buf_adds(&steps, "  look: {branch: $lang, cases: {hi: s0}, else: c0}\n");
		for (unsigned n = 0; n < row[i].says; n++)
			buf_addf(&steps, "  s%u: {say: look, next: s%u}\n", n, n + 1);
		buf_addf(&steps, "  s%u: {end: look}\n", row[i].says);
		for (unsigned n = 0; n < row[i].calls; n++)
			buf_addf(&steps,
			    "  c%u: {call: GET /x, outcomes: [{status: 200, next: c%u}]}\n", n, n + 1);
		buf_addf(&steps, "  c%u: {end: look}\n", row[i].calls);
		p = mini_compile("service.yaml", "  look: {end: look}\n", buf_str(&steps), &err, NULL);
		if (row[i].error)
			assert_non_null(strstr(buf_str(&err), row[i].error));
		else
			assert_string_equal(buf_str(&err), "");
		assert_true((p == NULL) == (row[i].error != NULL));
		packs_free(p);
		buf_clear(&steps);
		buf_clear(&err);
	}
}

static void test_keywords_of_two_packs_may_not_collide(void **state)
{
	char *common[3] = {shipped("service.yaml"), shipped("hi.yaml"), shipped("en.yaml")};
	char *other = changed(mini_service, "service: mini", "service: other");
	const struct pack_source src[] = {
	    {"mini/service.yaml", "mini", "service.yaml", sv_from(mini_service)},
	    {"other/service.yaml", "other", "service.yaml", sv_from(other)},
	    {"common/service.yaml", "common", "service.yaml", sv_from(common[0])},
	    {"common/hi.yaml", "common", "hi.yaml", sv_from(common[1])},
	    {"common/en.yaml", "common", "en.yaml", sv_from(common[2])},
	};
	const struct pack_source twice[] = {src[2], src[0], src[0]};
	struct buf err;

	(void)state;
	buf_init(&err, 1 << 20);
	assert_null(packs_compile(src, 5, &err, NULL));
	assert_non_null(strstr(buf_str(&err),
	    "other/service.yaml:12:21: keyword \"MINI\" is already one of pack \"mini\" (MINI)"));
	buf_reset(&err);
	assert_null(packs_compile(twice, 3, &err, NULL));
	assert_non_null(strstr(buf_str(&err), "there are two packs \"mini\""));
	buf_reset(&err);
	assert_null(packs_compile(src, 2, &err, NULL));
	assert_non_null(strstr(buf_str(&err), "there is no pack \"common\""));
	buf_reset(&err);
	assert_null(packs_compile(NULL, 0, &err, NULL));
	assert_non_null(strstr(buf_str(&err), "there is no pack \"common\""));
	buf_clear(&err);
	for (size_t i = 0; i < 3; i++)
		free(common[i]);
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_mini_pack_itself_is_right),
	    cmocka_unit_test(test_each_mistake_is_told_with_its_place),
	    cmocka_unit_test(test_what_an_event_will_be_is_known_before_it_is_told),
	    cmocka_unit_test(test_a_fragment_is_a_part_of_the_pack_that_includes_it),
	    cmocka_unit_test(test_warnings_do_not_refuse),
	    cmocka_unit_test(test_several_mistakes_are_told_at_once),
	    cmocka_unit_test(test_a_turn_that_says_or_asks_too_much_is_refused),
	    cmocka_unit_test(test_keywords_of_two_packs_may_not_collide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
