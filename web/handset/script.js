// SPDX-License-Identifier: BSD-2-Clause
// The handsets: asks the simulator for what is new, shows it, and sends what is pressed. Nothing is made
// from HTML text, so what a person or a service writes can only ever be text.
"use strict";

const WORDS = {
	en: {
		title: "Handsets", up: "The bridge is connected", down: "No bridge is connected", gone: "The simulator does not answer; trying again.",
		trouble: "Trouble in the network", another: "One more phone", add: "Add a phone", any: "any, or 98…",
		dialler: "Dial", messages: "Messages", entry: "Code or reply", to: "To", message: "Message", write: "Write a message", send: "Send",
		dial: "Dial", redial: "Redial", reply: "Reply", lose: "Lose the signal now", way: "USSD by", steps: "What went over the wire", nothing: "Nothing yet.",
		away: "Put this phone away", views: "What the screen shows", thread: "Messages", call: "Call, send", end: "End, cancel",
		clear: "Delete one character", mode: "Letters of the keypad", keypad: "Keypad", idle: "Dial a service code", idleHint: "such as *123#",
		waiting: "Please wait", menu: "Write your answer", last: "Ended. Redial, or a new code.", failedHint: "Redial to go on.",
		"no answer": "The service did not answer in time.", "timed out": "The session timed out.", "no network": "Connection problem, or no such code.",
		"signal lost": "The signal was lost.", sending: "sending", taken: "sent", refused: "refused", from: "New message from",
		field: "Field", text: "text", toBridge: "to the bridge", toPhone: "from the bridge",
		receipt: "receipt", opBegin: "begin", opMenu: "screen", opLast: "last screen", opReply: "reply", opAbort: "hung up",
		delay: "3 s late", throttle: "Throttle 5", full: "Queue full 5", reject: "Refuse 1", losing: "Lose 1 answer",
		silent: "Silent", undelivered: "Undelivered 1", drop: "Drop the link", unbind: "Unbind", fail: "Bind fails 3",
		"duplicate-mo": "Send twice",
	},
	hi: {
		title: "मोबाइल फ़ोन", up: "ब्रिज जुड़ा है", down: "ब्रिज नहीं जुड़ा है", gone: "सिम्युलेटर उत्तर नहीं दे रहा; फिर कोशिश जारी है।",
		trouble: "नेटवर्क में गड़बड़ी", another: "एक और फ़ोन", add: "फ़ोन जोड़ें", any: "कोई भी, या 98…",
		dialler: "डायल", messages: "संदेश", entry: "कोड या उत्तर", to: "को", message: "संदेश", write: "संदेश लिखें", send: "भेजें",
		dial: "डायल", redial: "फिर से", reply: "उत्तर दें", lose: "अभी सिग्नल काटें", way: "USSD का रास्ता", steps: "तार पर क्या गया", nothing: "अभी कुछ नहीं।",
		away: "यह फ़ोन हटाएं", views: "स्क्रीन पर क्या दिखे", thread: "संदेश", call: "कॉल, भेजें", end: "समाप्त, रद्द करें",
		clear: "एक अक्षर मिटाएं", mode: "कीपैड के अक्षर", keypad: "कीपैड", idle: "सेवा का कोड डायल करें", idleHint: "जैसे *123#",
		waiting: "कृपया रुकें", menu: "अपना उत्तर लिखें", last: "समाप्त। फिर से डायल करें, या नया कोड।", failedHint: "आगे बढ़ने के लिए फिर डायल करें।",
		"no answer": "सेवा ने समय पर उत्तर नहीं दिया।", "timed out": "सत्र का समय समाप्त हुआ।", "no network": "कनेक्शन में समस्या, या ऐसा कोई कोड नहीं।",
		"signal lost": "सिग्नल चला गया।", sending: "भेजा जा रहा है", taken: "भेजा गया", refused: "नहीं लिया गया", from: "नया संदेश:",
		field: "फ़ील्ड", text: "पाठ", toBridge: "ब्रिज को", toPhone: "ब्रिज से",
		receipt: "पावती", opBegin: "आरंभ", opMenu: "स्क्रीन", opLast: "अंतिम स्क्रीन", opReply: "उत्तर", opAbort: "काटा",
		delay: "उत्तर 3 से. देर से", throttle: "5 धीमे करें", full: "कतार भरी 5", reject: "1 ठुकराएं", losing: "1 उत्तर खोएं",
		silent: "मौन", undelivered: "1 न पहुंचे", drop: "लिंक काटें", unbind: "अनबाइंड", fail: "बाइंड 3 बार विफल",
		"duplicate-mo": "दो बार भेजें",
	},
};
// Buttons of the trouble bar: the fault's name, its value when pressed, and when pressed again; the word.
const FAULTS = [
	["delay", "3000", "0", "delay"], ["silent", "on", "off", "silent"], ["throttle", "5", "0", "throttle"], ["full", "5", "0", "full"],
	["reject", "1", "0", "reject"], ["lose", "1", "0", "losing"], ["undelivered", "1", "0", "undelivered"],
	["refuse-bind", "3", "0", "fail"], ["duplicate-mo", "on", "off", "duplicate-mo"], ["drop", "", "", "drop"], ["unbind", "", "", "unbind"],
];
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
// What a key writes when it is pressed again and again; the first few stand on the key.
const LETTERS = {
	abc: { 1: ".,?!@'-1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5", 6: "mno6", 7: "pqrs7", 8: "tuv8", 9: "wxyz9", 0: " 0", "*": "*", "#": "#" },
	"हिं": { 1: "अआइईउऊएऐओऔऋ1", 2: "कखगघङ2", 3: "चछजझञ3", 4: "टठडढण4", 5: "तथदधन5", 6: "पफबभम6", 7: "यरलव7", 8: "शषसह8", 9: "ं्ँः़9",
		"*": "ािीुूेैोौृ*", 0: " ।0", "#": "#" },
};
const MODES = ["123", "abc", "हिं"];
const OPERATIONS = { 0x01: "opBegin", 0x02: "opMenu", 0x11: "opLast", 0x12: "opReply", 0x81: "opAbort" };
const TLVS = {
	tlv_0x0501: "ussd_service_op", tlv_0x1383: "its_session_info", tlv_0x0204: "user_message_reference", tlv_0x0424: "message_payload",
	tlv_0x001e: "receipted_message_id", tlv_0x0427: "message_state", tlv_0x020c: "sar_msg_ref_num", tlv_0x020e: "sar_total_segments",
	tlv_0x020f: "sar_segment_seqnum",
};
const TAP_MS = 900;
const MESSAGES_MAX = 100, STEPS_MAX = 100;
const GSM7 = /^[\n\r @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;
const $ = (css, under = document) => under.querySelector(css);
const phones = new Map(); // number -> Phone
let language = "en", version = 0, boot = 0, faults = {};

const word = (key) => WORDS[language][key] ?? key;
const isHindi = (text) => /[\u0900-\u097f]/.test(text);

function show(element, text) {
	element.textContent = text;
	element.lang = isHindi(text) ? "hi" : "en";
}

function make(tag, name, text) {
	const e = document.createElement(tag);
	if (name)
		e.className = name;
	if (text !== undefined)
		show(e, text);
	return e;
}

function translate(under) {
	for (const e of under.querySelectorAll("[data-t]"))
		show(e, word(e.dataset.t));
	for (const e of under.querySelectorAll("[data-label]"))
		e.setAttribute("aria-label", word(e.dataset.label));
	for (const e of under.querySelectorAll("[data-place]"))
		e.placeholder = word(e.dataset.place);
}

function problem(text) {
	$("#problem").hidden = !text;
	show($("#problem"), text);
}

async function ask(path, body) {
	let answer;
	try {
		answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
	} catch {
		problem(word("gone"));
		return false;
	}
	problem(answer.ok ? "" : (await answer.json()).detail ?? answer.statusText);
	return answer.ok;
}

const clock = (ms) => new Date(ms).toLocaleTimeString("en-GB");

class Phone {
	constructor(number) {
		this.number = number;
		this.ussd = { state: "none", text: "", version: 0 };
		this.messages = new Map();
		this.mode = "123";
		this.code = "*123#";
		this.unread = 0;
		this.root = $("#handset").content.cloneNode(true).firstElementChild;
		this.root.dataset.number = number;
		translate(this.root);
		$(".number", this.root).textContent = `+${number.slice(0, 2)} ${number.slice(2, 7)} ${number.slice(7)}`;
		this.root.setAttribute("aria-label", number);
		this.label(".view.ussd", ".entry");
		this.label(".address", ".to");
		this.label(".compose .line", ".message");
		this.label(".network .way", ".by");
		this.keypad();
		this.listen();
		this.draw();
	}

	at(css) {
		return $(css, this.root);
	}

	label(where, field) {
		const id = `${field.slice(1)}-${this.number}`;
		this.at(field).id = id;
		this.at(`${where} label`).htmlFor = id;
	}

	ask(order, body) {
		return ask(`api/phones/${this.number}/${order}`, body);
	}

	listen() {
		const on = (css, what, fn) => this.at(css).addEventListener(what, fn);
		on(".view.ussd form", "submit", (e) => { e.preventDefault(); this.go(); });
		on(".compose", "submit", (e) => { e.preventDefault(); this.send(); });
		on(".message", "keydown", (e) => {
			if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
				e.preventDefault();
				this.send();
			}
		});
		on(".message", "input", () => this.measure());
		on(".entry", "input", () => this.buttons());
		on(".to-ussd", "click", () => this.view("ussd"));
		on(".to-sms", "click", () => this.view("sms"));
		on(".call", "click", () => (this.inMessages() ? this.send() : this.go()));
		on(".end", "click", () => this.end());
		on(".clear", "click", () => this.erase());
		on(".mode", "click", () => this.nextMode());
		on(".lose", "click", () => this.ask("lose"));
		on(".away", "click", () => this.ask("put-away"));
		on(".body", "keydown", (e) => { if (e.key === "Escape") this.end(); });
	}

	// ---- keys

	keypad() {
		const pad = this.at(".keypad");
		KEYS.forEach((key, i) => {
			const button = make("button");
			button.type = "button";
			button.dataset.key = key;
			button.tabIndex = i ? -1 : 0;
			button.append(make("b", "", key), make("span"));
			button.addEventListener("click", () => this.press(key));
			pad.append(button);
		});
		pad.addEventListener("keydown", (e) => this.move(e));
		this.letters();
	}

	// Arrows move between the keys, a digit presses its own: the pad is one stop for the Tab key.
	move(e) {
		const keys = [...this.at(".keypad").children], step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 }[e.key];
		const at = keys.indexOf(document.activeElement);
		if (step && keys[at + step]) {
			e.preventDefault();
			keys[at].tabIndex = -1;
			keys[at + step].tabIndex = 0;
			keys[at + step].focus();
		} else if (KEYS.includes(e.key)) {
			this.press(e.key);
		} else if (e.key === "Backspace") {
			this.erase();
		}
	}

	letters() {
		for (const b of this.at(".keypad").children) {
			const letters = LETTERS[this.mode]?.[b.dataset.key] ?? LETTERS.abc[b.dataset.key];
			const few = letters.replace(/[0-9 *#]/g, "").slice(0, this.mode === "हिं" ? 3 : 4);
			show(b.lastElementChild, [...few].map((c) => (/\p{M}/u.test(c) ? `◌${c}` : c)).join(this.mode === "हिं" ? " " : ""));
			b.setAttribute("aria-label", b.dataset.key);
		}
		show(this.at(".mode"), this.mode);
	}

	nextMode() {
		this.mode = MODES[(MODES.indexOf(this.mode) + 1) % MODES.length];
		this.tapped = null;
		this.letters();
	}

	field() {
		return this.at(this.inMessages() ? ".message" : ".entry");
	}

	put(text) {
		const field = this.field();
		field.value = text;
		field.scrollLeft = field.scrollWidth;
		field.dispatchEvent(new Event("input"));
	}

	press(key) {
		const letters = LETTERS[this.mode]?.[key] ?? key, field = this.field(), last = this.tapped, now = Date.now();
		const again = last && last.key === key && last.field === field && now - last.at < TAP_MS && letters.length > 1;
		const i = again ? (last.i + 1) % letters.length : 0;
		this.put((again ? field.value.slice(0, -1) : field.value) + letters[i]);
		this.tapped = { key, field, i, at: now };
	}

	erase() {
		this.tapped = null;
		this.put([...this.field().value].slice(0, -1).join(""));
	}

	end() {
		this.tapped = null;
		if (this.inMessages())
			this.view("ussd");
		else if (this.ussd.state !== "none")
			this.ask("hang-up");
		this.at(".entry").value = "";
		this.buttons();
	}

	// ---- USSD

	// In a menu what stands there is the reply; else a code, and none is the last one again.
	async go() {
		const field = this.at(".entry"), text = field.value.trim(), reply = this.ussd.state === "menu";
		this.tapped = null;
		if (this.ussd.state === "waiting" || (reply && !text))
			return;
		const done = reply ? await this.ask("press", { text }) : await this.ask("dial", { code: text || this.code, by: this.at(".by").value });
		if (!done)
			return;
		if (!reply)
			this.code = text || this.code;
		if (field.value.trim() === text)
			field.value = "";
		this.buttons();
	}

	screen(ussd) {
		const fresh = ussd.version !== this.ussd.version && this.ussd.version > 0;
		this.ussd = ussd;
		if (fresh && ussd.state !== "none" && this.inMessages() && ussd.state !== "failed")
			this.view("ussd");
		this.draw();
	}

	draw() {
		const { state, text } = this.ussd, display = this.at(".display");
		const shown = { none: word("idle"), waiting: text, failed: word(text) }[state] ?? text;
		const hint = { none: word("idleHint"), failed: word("failedHint") }[state] ?? word(state);
		display.className = `display ${state === "none" ? "idle" : state}`;
		if ($(".text", display).textContent !== shown || $(".hint", display).textContent !== hint) {
			show($(".text", display), shown);
			show($(".hint", display), hint);
			display.scrollTop = 0;
		}
		this.at(".lose").disabled = state !== "menu" && state !== "waiting";
		this.buttons();
	}

	buttons() {
		const { state } = this.ussd, go = this.at(".ussd .go"), text = this.at(".entry").value.trim();
		show(go, word(state === "menu" ? "reply" : text || !this.dialled() ? "dial" : "redial"));
		go.disabled = state === "waiting" || (state === "menu" && !text);
		this.at(".entry").placeholder = state === "menu" ? "" : this.code;
	}

	dialled() {
		return this.ussd.state === "last" || this.ussd.state === "failed";
	}

	// ---- messages

	inMessages() {
		return this.at(".view.ussd").hidden;
	}

	view(name) {
		const sms = name === "sms";
		this.at(".view.ussd").hidden = sms;
		this.at(".view.sms").hidden = !sms;
		this.at(".to-ussd").setAttribute("aria-pressed", String(!sms));
		this.at(".to-sms").setAttribute("aria-pressed", String(sms));
		if (sms) {
			this.unread = 0;
			this.badge();
			this.measure();
			this.at(".thread").scrollTop = this.at(".thread").scrollHeight;
		}
	}

	badge() {
		this.at(".unread").hidden = !this.unread;
		this.at(".unread").textContent = this.unread;
	}

	async send() {
		const field = this.at(".message"), text = field.value, to = this.at(".to").value.trim();
		this.tapped = null;
		if (!text.trim() || !(await this.ask("sms", { to, text })))
			return;
		if (field.value === text)
			field.value = "";
		this.measure();
	}

	// Characters and messages that the text takes; an extension character of GSM-7 counts twice.
	measure() {
		const text = this.at(".message").value, gsm = GSM7.test(text);
		const units = gsm ? text.length + (text.match(/[\^{}\\[~\]|€]/g) ?? []).length : text.length;
		const [one, part] = gsm ? [160, 153] : [70, 67];
		const count = units <= one ? 1 : Math.ceil(units / part);
		this.at(".size").textContent = text ? `${units}/${count === 1 ? one : part * count} · ${count} SMS` : "";
		const field = this.at(".message");
		field.style.height = "";
		field.style.height = `${Math.max(field.clientHeight, Math.min(field.scrollHeight, 88)) + 2}px`;
	}

	message(m, first) {
		const known = this.messages.get(m.id), item = known ?? make("li", m.sent ? "out" : "in"), thread = this.at(".thread");
		const about = make("p", `about ${m.fate}`);
		item.replaceChildren(make("p", "words", m.text), about);
		show(about, [m.sent ? `→ ${m.peer}` : m.peer, clock(m.at), m.fate && word(m.fate), m.detail].filter(Boolean).join(" · "));
		if (known)
			return;
		this.messages.set(m.id, item);
		thread.append(item);
		if (this.messages.size > MESSAGES_MAX) {
			const [oldest, gone] = this.messages.entries().next().value;
			this.messages.delete(oldest);
			gone.remove();
		}
		thread.scrollTop = thread.scrollHeight;
		if (m.sent || first)
			return;
		if (this.inMessages()) {
			show(this.at(".heard"), `${word("from")} ${m.peer}. ${m.text}`);
		} else {
			this.unread++;
			this.badge();
			show(this.at(".heard"), `${word("from")} ${m.peer}. ${m.text}`);
		}
	}

	// ---- steps

	step(t) {
		const list = this.at(".steps ol"), item = make("li", t.status ? "response" : ""), details = make("details"), line = make("summary");
		const bad = t.status && t.status !== "ESME_ROK";
		const way = make("span", t.to_bridge ? "way" : "way to-phone", t.to_bridge ? "→" : "←");
		const op = t.receipt ? ` · ${word("receipt")}` : t.ussd_op === undefined ? "" : ` · USSD ${word(OPERATIONS[t.ussd_op]) ?? ""} 0x${t.ussd_op.toString(16).padStart(2, "0")}`;
		way.title = word(t.to_bridge ? "toBridge" : "toPhone");
		line.append(make("time", "", clock(t.at)), way, make("span", bad ? "what bad" : "what", `${t.command}${op}${t.status ? ` ${t.status}` : ""}`));
		if (t.text)
			line.append(make("span", "words", t.text));
		details.append(line);
		details.addEventListener("toggle", () => { if (details.open && details.childElementCount === 1) this.detail(t.id, details); });
		item.append(details);
		list.prepend(item);
		while (list.childElementCount > STEPS_MAX)
			list.lastElementChild.remove();
		this.at(".steps .none").hidden = true;
	}

	async detail(id, details) {
		const answer = await fetch(`api/trace/${id}`), t = await answer.json(), fields = make("dl");
		if (!answer.ok) {
			details.append(make("p", "none", t.detail));
			return;
		}
		const rows = [...(t.fields ?? "").matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map((m) => [m[1], m[2]]);
		if (t.text !== undefined)
			rows.unshift([word("text"), t.text]);
		for (const [name, value] of rows)
			if (value !== "" && value !== '""')
				fields.append(make("dt", "", TLVS[name] ? `${TLVS[name]} ${name.slice(4)}` : name), make("dd", "", value));
		details.append(make("pre", t.raw ? "http" : "", t.raw ?? hexLines(t.hex)), fields);
		$("pre", details).tabIndex = 0; // it scrolls
		details.scrollIntoView({ block: "nearest" });
	}
}

// As a hex dump: place, octets, and what of them is ASCII.
function hexLines(hex) {
	const lines = [];
	for (let i = 0; i < hex.length; i += 32) {
		const octets = hex.slice(i, i + 32).match(/../g);
		const ascii = octets.map((o) => parseInt(o, 16)).map((c) => (c > 31 && c < 127 ? String.fromCharCode(c) : ".")).join("");
		lines.push(`${(i / 2).toString(16).padStart(4, "0")}  ${octets.join(" ").padEnd(47)}  ${ascii}`);
	}
	return lines.join("\n");
}

function bars() {
	for (const button of $("#faults").children) {
		const value = faults[button.dataset.name];
		const left = typeof value === "number" && value > 0 && button.dataset.name !== "delay" ? ` (${value})` : "";
		show(button, word(button.dataset.word) + left);
		if (button.dataset.value)
			button.setAttribute("aria-pressed", String(Boolean(value)));
	}
}

function buildFaults() {
	for (const [name, value, off, key] of FAULTS) {
		const button = make("button");
		button.type = "button";
		Object.assign(button.dataset, { name, value, word: key });
		button.addEventListener("click", () => ask("api/faults", { name, value: faults[name] ? off : value }));
		$("#faults").append(button);
	}
	bars();
}

function link(binds) {
	show($("#bridge"), word(binds ? "up" : "down"));
	$("#bridge").classList.toggle("up", binds > 0);
	$("#bridge").dataset.binds = binds;
	for (const e of document.querySelectorAll(".bars"))
		e.classList.toggle("up", binds > 0);
}

function take(state) {
	const first = version === 0;
	for (const [number, phone] of phones) {
		if (!state.phones.some((p) => p.number === number)) {
			phone.root.remove();
			phones.delete(number);
		}
	}
	for (const p of state.phones) {
		let phone = phones.get(p.number);
		if (!phone) {
			phone = new Phone(p.number);
			phones.set(p.number, phone);
			$("#phones").append(phone.root);
		}
		phone.at(".network .way").hidden = !state.http;
		if (p.ussd)
			phone.screen(p.ussd);
		for (const m of p.messages)
			phone.message(m, first);
	}
	for (const t of state.trace)
		phones.get(t.phone)?.step(t);
	$("#phones").dataset.count = phones.size;
	faults = state.faults;
	bars();
	link(state.binds);
	version = state.version;
	boot = state.boot;
}

async function follow() {
	for (;;) {
		try {
			const answer = await fetch(`api/state?after=${version}`);
			if (!answer.ok)
				throw new Error(answer.statusText);
			const state = await answer.json();
			if (boot && state.boot !== boot) { // the simulator began anew: so do we
				location.reload();
				return;
			}
			if ($("#problem").dataset.gone) {
				delete $("#problem").dataset.gone;
				problem("");
			}
			take(state);
		} catch {
			problem(word("gone"));
			$("#problem").dataset.gone = "yes";
			await new Promise((later) => setTimeout(later, 1000));
		}
	}
}

function speak(lang) {
	language = lang;
	document.documentElement.lang = lang;
	for (const b of document.querySelectorAll(".languages button"))
		b.setAttribute("aria-pressed", String(b.dataset.lang === lang));
	translate(document);
	for (const phone of phones.values())
		phone.draw();
	bars();
	link(Number($("#bridge").dataset.binds ?? 0));
}

for (const b of document.querySelectorAll(".languages button"))
	b.addEventListener("click", () => speak(b.dataset.lang));
$("#add").addEventListener("submit", async (e) => {
	e.preventDefault();
	if (await ask("api/phones", { number: $("#new-number").value.trim() }))
		$("#new-number").value = "";
});
buildFaults();
translate(document);
follow();
