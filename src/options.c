/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - every option of dakiyad in one table. -t, -T, the manual page and the sample follow it. */
#include "options.h"
#include "options_link.h"

#include <stddef.h>
#include <string.h>

#include "codec/text.h"
#include "net/addr.h"

#define MS_DAY (24 * 3600 * 1000LL)
#define AT(type, member) .offset = offsetof(struct type, member)

static const struct conf_row events_rows[] = {
    {"listen", CONF_STR, AT(opt_listen, listen), "127.0.0.1:8080",
	.help = "Address and port for POST /v1/events; port 0: the kernel chooses."},
    {"max_body", CONF_INT, AT(opt_listen, max_body), "65536", 256, 1 << 20,
	.help = "Longest body taken, in octets."},
    {0},
};

static const struct conf_row ops_rows[] = {
    {"listen", CONF_STR, AT(opt_listen, listen), "127.0.0.1:9464",
	.help = "Address and port for /healthz, /readyz, /metrics and /logs."},
    {"token", CONF_STR, AT(opt_listen, token), NULL, .flags = CONF_SECRET,
	.help = "When set, /logs needs `Authorization: Bearer <token>`."},
    {"max_body", CONF_INT, AT(opt_listen, max_body), "4096", 256, 1 << 20,
	.help = "Longest body taken, in octets."},
    {0},
};

static const struct conf_row log_rows[] = {
    {"level", CONF_ENUM, AT(opt_log, level), "info", .choices = "error|warn|info|debug|wire",
	.flags = CONF_LIVE,
	.help = "Least urgent lines that are written; wire shows PDUs with their text."},
    {"format", CONF_ENUM, AT(opt_log, format), "logfmt", .choices = "logfmt|json", .flags = CONF_LIVE,
	.help = "How a line on stderr is written."},
    {0},
};

static const struct conf_row otp_rows[] = {
    {"secret", CONF_STR, AT(opt_otp, secret), NULL, .max = 500, .flags = CONF_SECRET,
	.help = "Key of the hashes that are kept of one-time codes, at least 16 characters, the same "
		"for all processes on one Redis; or secret_file. Absent: made once and kept as "
		"otp.secret in state_dir."},
    {"life", CONF_MS, AT(opt_otp, life_ms), "10m", 1000, 3600000,
	.help = "How long a code is good; its text says 10 minutes."},
    {"attempts", CONF_INT, AT(opt_otp, attempts), "5", 1, 20,
	.help = "Wrong tries of one code; then a new one is needed."},
    {"resend", CONF_MS, AT(opt_otp, resend_ms), "60s", 0, 3600000,
	.help = "Pause between two codes to one number."},
    {"burst", CONF_INT, AT(opt_otp, burst), "3", 1, 64,
	.help = "Most codes to one number in burst_window."},
    {"burst_window", CONF_MS, AT(opt_otp, burst_ms), "10m", 1000, MS_DAY, .help = "See burst."},
    {"day", CONF_INT, AT(opt_otp, day), "10", 1, 64, .help = "Most codes to one number in 24 hours."},
    {"prefix_digits", CONF_INT, AT(opt_otp, prefix_digits), "7", 1, 15,
	.help = "Numbers that begin with so many same digits, country code included, share a cap."},
    {"prefix", CONF_INT, AT(opt_otp, prefix), "1000", 1, 10000000,
	.help = "Most codes to numbers of one prefix in prefix_window."},
    {"prefix_window", CONF_MS, AT(opt_otp, prefix_ms), "1h", 1000, MS_DAY, .help = "See prefix."},
    {0},
};

static const struct conf_row reminders_rows[] = {
    {"quiet_hours", CONF_STR, AT(opt_reminders, quiet_hours), "21:00-08:00", .max = 11,
	.help = "When no information (class info) is told; it waits for the end. Or off."},
    {"time_zone", CONF_STR, AT(opt_reminders, time_zone), "+05:30", .max = 6,
	.help = "East of UTC; of the quiet hours, and of the day that per_day counts in."},
    {"per_day", CONF_INT, AT(opt_reminders, per_day), "3", 1, 1000,
	.help = "Information told to one person in a day; more is put off to the next, what is of use "
		"longest last."},
    {"per_person", CONF_INT, AT(opt_reminders, per_person), "50", 1, 1000,
	.help = "Events kept for one person; more are answered with 429."},
    {"persons", CONF_INT, AT(opt_reminders, persons), "100000", 1, 10000000,
	.help = "Persons of one partition for whom events are kept; more are answered with 503."},
    {0},
};

static const struct conf_row limits_rows[] = {
    {"turns", CONF_INT, AT(opt_limits, turns), "20000", 1, 1000000,
	.help =
	    "Inputs worked on at once; more are refused upstream with a temporary error. An eighth is "
	    "for events and codes only."},
    {"queue", CONF_INT, AT(opt_limits, queue), "10000", 16, 1000000,
	.help = "Outbox messages of one class kept in memory; more stay in Redis until there is room."},
    {"inbox", CONF_INT, AT(opt_limits, inbox), "10000", 1, 1000000,
	.help = "Inbox entries of one partition in Redis."},
    {"outbox", CONF_INT, AT(opt_limits, outbox), "100000", 1, 10000000,
	.help = "Outbox entries of one partition and class in Redis."},
    {"dead", CONF_INT, AT(opt_limits, dead), "1000", 1, 1000000,
	.help = "Dead letters kept of one partition in Redis."},
    {"connections", CONF_INT, AT(opt_limits, connections), "200", 1, 10000,
	.help = "Requests to one backend on the wire at once."},
    {0},
};

static const struct conf_row dlt_rows[] = {
    {"entity_id", CONF_STR, AT(opt_dlt, entity_id), "", .max = 30,
	.help = "Principal entity id; with it each message carries the DLT TLVs and is checked."},
    {"entity_tag", CONF_INT, AT(opt_dlt, entity_tag), "0x1400", 1, 0xFFFF,
	.help = "TLV of the entity id."},
    {"template_tag", CONF_INT, AT(opt_dlt, template_tag), "0x1401", 1, 0xFFFF,
	.help = "TLV of the template id; some centres have the two the other way round."},
    {"chain", CONF_LIST, AT(opt_dlt, chain), "[]",
	.help =
	    "Ids of the telemarketers between the entity and the operator, the delivering one last. "
	    "Empty: the aggregator adds the chain's hash."},
    {"chain_tag", CONF_INT, AT(opt_dlt, chain_tag), "0x1402", 1, 0xFFFF,
	.help = "TLV of the chain's SHA-256 in hexadecimal; ask the operator."},
    {"nul_terminate", CONF_BOOL, AT(opt_dlt, nul_terminate), "false",
	.help = "The three end with a NUL; usual is digits alone."},
    {"mode", CONF_ENUM, AT(opt_dlt, mode), "strict", .choices = "strict|warn|off",
	.help = "A text that does not match its template goes to the dead letters, or is sent with a "
		"warning in the log; off: not looked at."},
    {"var_max", CONF_INT, AT(opt_dlt, var_max), "30", 1, 100,
	.help = "Characters that a variable of a template may have."},
    {0},
};

static const struct conf_row timeout_rows[] = {
    {"otp", CONF_MS, AT(opt_timeouts, ms[CLASS_OTP]), "0", 0, 600000, .help = "One-time codes."},
    {"alert", CONF_MS, AT(opt_timeouts, ms[CLASS_ALERT]), "0", 0, 600000, .help = "Alerts."},
    {"reply", CONF_MS, AT(opt_timeouts, ms[CLASS_REPLY]), "0", 0, 600000, .help = "Replies."},
    {"info", CONF_MS, AT(opt_timeouts, ms[CLASS_INFO]), "0", 0, 600000, .help = "Notices."},
    {0},
};

static const struct conf_row link_rows[] = {
    {"name", CONF_STR, AT(opt_link, name), NULL, .max = 32, .flags = CONF_REQUIRED,
	.help = "Name in logs and metrics."},
    {"host", CONF_STR, AT(opt_link, host), NULL, .max = 255,
	.help = "Host or address of the message centre; SMPP needs it."},
    {"port", CONF_INT, AT(opt_link, port), "2775", 1, 65535, .help = "TCP port of the message centre."},
    {"system_id", CONF_STR, AT(opt_link, system_id), NULL, .max = 15,
	.help = "SMPP system_id (SMPP 3.4 s.5.2.1); SMPP needs it."},
    {"password", CONF_STR, AT(opt_link, password), "", .max = 500, .flags = CONF_SECRET,
	.help = "SMPP password, at most 8 characters (SMPP 3.4 s.5.2.2), or that of user; or "
		"password_file."},
    {"system_type", CONF_STR, AT(opt_link, system_type), "", .max = 12, .help = "SMPP system_type."},
    {"address_range", CONF_STR, AT(opt_link, address_range), "", .max = 40,
	.help = "SMPP address_range."},
    {"source_addr", CONF_STR, AT(opt_link, source_addr), "", .max = 20,
	.help = "Sender of every message; empty: the short code that the person wrote to."},
    {"interface_version", CONF_STR, AT(opt_link, interface_version), "3.4", .max = 4,
	.help = "Version of SMPP that the bind names: 3.3, 3.4 or 5.0. 3.3 has no transceiver and no "
		"TLVs."},
    {"tlvs", CONF_BOOL, AT(opt_link, tlvs), "true",
	.help = "The centre takes TLVs (optional parameters); some that say 3.4 do not."},
    {"bind_ton", CONF_INT, AT(opt_link, bind_ton), "0", 0, 6, .help = "addr_ton of the bind."},
    {"bind_npi", CONF_INT, AT(opt_link, bind_npi), "0", 0, 18, .help = "addr_npi of the bind."},
    {"source_ton", CONF_INT, AT(opt_link, source_ton), "-1", -1, 6,
	.help =
	    "Type of number of senders; -1: 5 for a header, 3 for a short code, 1 for a long number."},
    {"source_npi", CONF_INT, AT(opt_link, source_npi), "-1", -1, 18,
	.help = "Numbering plan of senders; -1: 1 for a long number, else 0."},
    {"dest_ton", CONF_INT, AT(opt_link, dest_ton), "1", 0, 6, .help = "Type of number of phones."},
    {"dest_npi", CONF_INT, AT(opt_link, dest_npi), "1", 0, 18, .help = "Numbering plan of phones."},
    {"bind", CONF_ENUM, AT(opt_link, bind), "transceiver",
	.choices = "transceiver|transmitter|receiver|pair",
	.help = "Kind of bind; pair: a transmitter and a receiver."},
    {"binds", CONF_INT, AT(opt_link, binds), "1", 1, 64,
	.help = "Binds (or pairs) of this link that are held at once."},
    {"receive_port", CONF_INT, AT(opt_link, receive_port), "0", 0, 65535,
	.help = "TCP port of receivers, where it is another; 0: port."},
    {"window", CONF_INT, AT(opt_link, window), "100", 1, 10000,
	.help = "Submits that may wait for their answer, on each bind."},
    {"rate", CONF_INT, AT(opt_link, rate), "0", 0, 100000,
	.help = "Submits a second over all binds together; 0: no limit."},
    {"response_timeout", CONF_MS, AT(opt_link, response_ms), "30s", 100, MS_DAY,
	.help = "How long an answer is waited for."},
    {"enquire_interval", CONF_MS, AT(opt_link, enquire_ms), "30s", 100, MS_DAY,
	.help = "enquire_link after so much silence."},
    {"connect_timeout", CONF_MS, AT(opt_link, connect_ms), "10s", 100, MS_DAY,
	.help = "How long a connection may take."},
    {"reconnect_min", CONF_MS, AT(opt_link, reconnect_min_ms), "500ms", 10, MS_DAY,
	.help = "First pause before connecting again; doubles, with jitter."},
    {"reconnect_max", CONF_MS, AT(opt_link, reconnect_max_ms), "30s", 10, MS_DAY,
	.help = "Longest pause before connecting again."},
    {"default_alphabet", CONF_ENUM, AT(opt_link, default_alphabet), "gsm7",
	.choices = "gsm7|latin1|ascii|ucs2", .help = "What data_coding 0 means on this link, inbound."},
    {"alphabet_out", CONF_ENUM, AT(opt_link, alphabet_out), "gsm7", .choices = "gsm7|latin1|ascii|ucs2",
	.help = "What data_coding 0 means on this link, outbound; ucs2: every text goes as UCS-2."},
    {"gsm7_packed", CONF_BOOL, AT(opt_link, gsm7_packed), "false",
	.help = "Septets travel packed, eight in seven octets, both ways; usual is one in an octet."},
    {"long_messages", CONF_ENUM, AT(opt_link, long_messages), "udh8",
	.choices = "udh8|udh16|sar|payload",
	.help =
	    "How a text of several segments is sent: parts with an 8-bit or 16-bit reference in the "
	    "user data header, parts with SAR TLVs, or whole in message_payload."},
    {"national_shift", CONF_LIST, AT(opt_link, national_shift), "[]",
	.help = "Languages whose shift tables may be used where that saves a segment: bengali, "
		"gujarati, hindi, kannada, malayalam, oriya, punjabi, tamil, telugu, urdu. Only after "
		"a test with the centre and with phones. Inbound all of them are always read."},
    {"smart_text", CONF_BOOL, AT(opt_link, smart_text), "false",
	.help = "Write plain quotes, dashes, points and spaces, and Rs, for characters that would cost "
		"a segment or the alphabet, when that saves it."},
    {"tls", CONF_BOOL, AT(opt_link, tls), "false", .help = "Speak TLS, 1.2 or newer."},
    {"tls_verify", CONF_BOOL, AT(opt_link, tls_verify), "true",
	.help = "Verify the centre's certificate and the name in it; false is for tests alone."},
    {"tls_name", CONF_STR, AT(opt_link, tls_name), "", .max = 255,
	.help = "Name or address that must be in the centre's certificate; empty: host."},
    {"ca_file", CONF_STR, AT(opt_link, ca_file), "", .max = 1000,
	.help = "Certificates (PEM) that may vouch for the centre; empty: those of the system."},
    {"cert_file", CONF_STR, AT(opt_link, cert_file), "", .max = 1000,
	.help = "Our certificate (PEM, with its chain), when the centre asks for one."},
    {"key_file", CONF_STR, AT(opt_link, key_file), "", .max = 1000,
	.help = "Its private key (PEM); empty: it stands in cert_file."},
    {"dlt", CONF_SECTION, AT(opt_link, dlt), "{}", .flags = CONF_SINGLE, .sub = dlt_rows,
	.sub_size = sizeof(struct opt_dlt), .help = "India's registered templates (TRAI DLT)."},
    {"errors", CONF_MAP, AT(opt_link, errors), "{}",
	.help =
	    "What to do after a status of submit_sm, where it shall not be the usual: a status or a "
	    "range, such as {0x45: later, 0x400-0x4ff: never}; again, later, slower or never."},
    {"receipts", CONF_LIST, AT(opt_link, receipts), "all",
	.help =
	    "Classes of messages for which delivery receipts are asked: all, none, or a list such as "
	    "[otp, alert]."},
    {"http", CONF_STR, AT(opt_link, http), NULL, .max = 200,
	.help = "The link is no SMPP but an HTTP provider: its profile, a name in sms_profiles or a "
		"path. The options down to timeouts are for such links."},
    {"url", CONF_STR, AT(opt_link, url), "", .max = 500,
	.help = "Address of the provider's interface, http:// or https://."},
    {"user", CONF_STR, AT(opt_link, user), "", .max = 200, .help = "Our name there."},
    {"key", CONF_STR, AT(opt_link, key), NULL, .max = 4000, .flags = CONF_SECRET,
	.help = "Key or token that our requests bring, where the provider has one; or key_file."},
    {"values", CONF_MAP, AT(opt_link, values), "{}",
	.help = "Further values for the profile's templates, by name."},
    {"listen", CONF_STR, AT(opt_link, listen), "", .max = 100,
	.help = "Address and port for the provider's requests; links with the same share it. Empty: it "
		"sends only. TLS is for a reverse proxy."},
    {"path", CONF_STR, AT(opt_link, path), "/sms", .max = 100,
	.help = "Path of messages from persons."},
    {"report_path", CONF_STR, AT(opt_link, report_path), "/sms/report", .max = 100,
	.help = "Path of delivery reports."},
    {"public_url", CONF_STR, AT(opt_link, public_url), "", .max = 500,
	.help = "How the provider reaches listen, such as https://bridge.example, without a path."},
    {"secret", CONF_STR, AT(opt_link, secret), NULL, .max = 500, .flags = CONF_SECRET,
	.help = "Key of the signature on the provider's requests; or secret_file."},
    {"token", CONF_STR, AT(opt_link, token), NULL, .max = 500, .flags = CONF_SECRET,
	.help = "Bearer token that they must bring; or token_file."},
    {"basic", CONF_STR, AT(opt_link, basic), NULL, .max = 500, .flags = CONF_SECRET,
	.help = "user:password that they must bring; or basic_file."},
    {"allow", CONF_LIST, AT(opt_link, allow), "[]",
	.help = "Addresses and networks that they may come from; none: any."},
    {"timeouts", CONF_SECTION, AT(opt_link, timeouts), "{}", .flags = CONF_SINGLE, .sub = timeout_rows,
	.sub_size = sizeof(struct opt_timeouts),
	.help = "By class, how long an answer is waited for; 0: response_timeout."},
    {"ussd", CONF_STR, AT(opt_link, ussd), NULL, .max = 200,
	.help = "USSD comes by this link too: its profile, a name in ussd_profiles or a path."},
    {"ussd_code", CONF_STR, AT(opt_link, ussd_code), "", .max = 20,
	.help = "The service code, such as *123#; empty: what was dialled up to the second star."},
    {"ussd_from", CONF_STR, AT(opt_link, ussd_from), "", .max = 20,
	.help = "Sender of an SMS to somebody who only used USSD so far."},
    {"ussd_push", CONF_ENUM, AT(opt_link, ussd_push), "off", .choices = "off|notice|menu",
	.help = "Alerts come up on the phone by USSD first: as a notice, or as a menu where there is "
		"something to answer. What is not confirmed goes as an SMS."},
    {"ussd_push_wait", CONF_MS, AT(opt_link, ussd_push_ms), "15s", 500, 120000,
	.help = "How long that is waited for."},
    {0},
};

static const struct conf_row ussd_rows[] = {
    {"name", CONF_STR, AT(opt_ussd, name), NULL, .max = 32, .flags = CONF_REQUIRED,
	.help = "Name in logs."},
    {"listen", CONF_STR, AT(opt_ussd, listen), "127.0.0.1:8088", .max = 100,
	.help =
	    "Address and port; entries with the same share a listener. TLS is for a reverse proxy."},
    {"path", CONF_STR, AT(opt_ussd, path), "/ussd", .max = 100,
	.help = "Path of the requests; one that ends in * takes all below it."},
    {"profile", CONF_STR, AT(opt_ussd, profile), NULL, .max = 200, .flags = CONF_REQUIRED,
	.help = "How the aggregator speaks: a name in ussd_profiles, or a path."},
    {"code", CONF_STR, AT(opt_ussd, code), "", .max = 20,
	.help = "The service code, such as *123#; empty: what was dialled up to the second star."},
    {"sms_link", CONF_STR, AT(opt_ussd, sms_link), "", .max = 32,
	.help = "Link for SMS to somebody who only used USSD so far; empty: any."},
    {"sms_from", CONF_STR, AT(opt_ussd, sms_from), "", .max = 20, .help = "Sender of such an SMS."},
    {"user", CONF_STR, AT(opt_ussd, user), NULL, .max = 64,
	.help = "The user that requests must name, where the profile has a field for it."},
    {"password", CONF_STR, AT(opt_ussd, password), NULL, .max = 64, .flags = CONF_SECRET,
	.help = "The password that requests must bring; or password_file."},
    {"allow", CONF_LIST, AT(opt_ussd, allow), "[]",
	.help = "Addresses and networks that may ask; empty: all."},
    {0},
};

static const struct conf_row route_rows[] = {
    {"prefix", CONF_LIST, AT(opt_route, prefix), "[]",
	.help = "Beginnings of the number, with country code; none: any number."},
    {"class", CONF_LIST, AT(opt_route, class), "[]",
	.help = "Classes of messages: otp, alert, reply, info; none: any."},
    {"header", CONF_LIST, AT(opt_route, header), "[]",
	.help = "Short codes or headers that the message comes from; none: any."},
    {"links", CONF_LIST, AT(opt_route, links), "[]", .flags = CONF_REQUIRED,
	.help = "Links that carry it; the one with most room is taken."},
    {"backup", CONF_LIST, AT(opt_route, backup), "[]",
	.help = "Links that carry it while all of these are away or throttled."},
    {0},
};

static const struct conf_row backend_rows[] = {
    {"name", CONF_STR, AT(opt_backend, name), NULL, .max = 32, .flags = CONF_REQUIRED,
	.help = "Name by which packs call it."},
    {"url", CONF_STR, AT(opt_backend, url), NULL, .max = 500, .flags = CONF_REQUIRED,
	.help = "Base address, http:// or https://."},
    {"secret", CONF_STR, AT(opt_backend, secret), NULL, .max = 500, .flags = CONF_SECRET,
	.help = "Key of the signature on its events; or secret_file."},
    {"timeout", CONF_MS, AT(opt_backend, timeout_ms), "8s", 50, 120000,
	.help = "For one question with all its repeats."},
    {"attempts", CONF_INT, AT(opt_backend, attempts), "3", 1, 10,
	.help = "Tries of one question inside the timeout, with one idempotency key."},
    {"trip_after", CONF_INT, AT(opt_backend, trip_after), "5", 1, 1000,
	.help = "Failures in a row that open the circuit breaker."},
    {"pause", CONF_MS, AT(opt_backend, pause_ms), "2s", 10, MS_DAY,
	.help = "How long an open breaker asks nothing; doubles."},
    {"pause_max", CONF_MS, AT(opt_backend, pause_max_ms), "30s", 10, MS_DAY,
	.help = "Longest such pause."},
    {0},
};

const struct conf_row options_rows[] = {
    {"state_dir", CONF_STR, AT(options, state_dir), "/var/lib/dakiya", .max = 200,
	.help = "Folder of the embedded Redis."},
    {"redis", CONF_STR, AT(options, redis), "embedded", .max = 200,
	.help = "embedded, unix:/path or redis://[:password@]host:port[/db]."},
    {"appendfsync", CONF_ENUM, AT(options, appendfsync), "everysec", .choices = "everysec|always",
	.help = "Embedded Redis: everysec, or always, which is slower and safe on a power cut."},
    {"redis_timeout", CONF_MS, AT(options, redis_timeout_ms), "3s", 50, 60000,
	.help = "How long a step of the store may take before Redis counts as away."},
    {"partitions", CONF_INT, AT(options, partitions), "256", 1, 4096,
	.help = "Partitions of the keys; must not change while there is data."},
    {"instance", CONF_STR, AT(options, instance), "dakiyad", .max = 40,
	.help = "Name of this process among those that share one Redis; each needs its own."},
    {"peer_timeout", CONF_MS, AT(options, peer_timeout_ms), "10s", 1000, 600000,
	.help =
	    "A process that is silent so long is taken for dead, and another goes on with its work."},
    {"services", CONF_LIST, AT(options, services), "[" DK_DATADIR "/services]", .flags = CONF_LIVE,
	.help = "Service packs: folders of packs, or packs themselves."},
    {"events", CONF_SECTION, AT(options, events), "{}", .flags = CONF_SINGLE, .sub = events_rows,
	.sub_size = sizeof(struct opt_listen), .help = "Where backends send events."},
    {"event_window", CONF_MS, AT(options, event_window_ms), "5m", 1000, MS_DAY,
	.help = "How far an event's timestamp may be from our clock."},
    {"ops", CONF_SECTION, AT(options, ops), "{}", .flags = CONF_SINGLE, .sub = ops_rows,
	.sub_size = sizeof(struct opt_listen), .help = "Where operators look."},
    {"log", CONF_SECTION, AT(options, log), "{}", .flags = CONF_SINGLE, .sub = log_rows,
	.sub_size = sizeof(struct opt_log), .help = "What is written to stderr."},
    {"otp", CONF_SECTION, AT(options, otp), "{}", .flags = CONF_SINGLE, .sub = otp_rows,
	.sub_size = sizeof(struct opt_otp), .help = "One-time codes."},
    {"reminders", CONF_SECTION, AT(options, reminders), "{}", .flags = CONF_SINGLE,
	.sub = reminders_rows, .sub_size = sizeof(struct opt_reminders),
	.help = "Events that are kept until their time."},
    {"limits", CONF_SECTION, AT(options, limits), "{}", .flags = CONF_SINGLE, .sub = limits_rows,
	.sub_size = sizeof(struct opt_limits),
	.help = "Bounds; reaching one is answered, never silent."},
    {"parts_wait", CONF_MS, AT(options, parts_wait_ms), "10m", 100, MS_DAY,
	.help = "How long missing parts of a phone's long message are waited for, from the last one "
		"that came; then the person is asked to send it again."},
    {"links", CONF_SECTION, AT(options, links), NULL, .flags = CONF_REQUIRED, .sub = link_rows,
	.sub_size = sizeof(struct opt_link), .help = "Message centres and HTTP providers."},
    {"routes", CONF_SECTION, AT(options, routes), "[]", .sub = route_rows,
	.sub_size = sizeof(struct opt_route),
	.help = "Which links carry a message; the first route that fits counts. What no route names "
		"goes by "
		"the link that the person wrote to, or else by the one with most room."},
    {"backends", CONF_SECTION, AT(options, backends), NULL, .sub = backend_rows,
	.sub_size = sizeof(struct opt_backend), .help = "Services that packs ask."},
    {"ussd_profiles", CONF_STR, AT(options, ussd_profiles), DK_DATADIR "/ussd", .max = 200,
	.help = "Folder of the USSD profiles."},
    {"sms_profiles", CONF_STR, AT(options, sms_profiles), DK_DATADIR "/sms", .max = 200,
	.help = "Folder of the profiles of HTTP providers."},
    {"ussd", CONF_SECTION, AT(options, ussd), NULL, .sub = ussd_rows,
	.sub_size = sizeof(struct opt_ussd), .help = "USSD over HTTP."},
    {"drain_timeout", CONF_MS, AT(options, drain_ms), "10s", 0, 600000,
	.help = "On SIGTERM: how long to wait for what is under way."},
    {"port_file", CONF_STR, AT(options, port_file), NULL,
	.help = "File that gets the ports in use, once ready."},
    {0},
};

/* What the table cannot say: names used twice, addresses. The text is read once more for the places. */
struct places {
	const char *file;
	struct ydoc *doc;
	struct buf *err;
};

static const struct ynode *at(const struct places *p, const char *section, size_t i, const char *key)
{
	const struct ynode *list = ynode_get(ydoc_root(p->doc), section);

	return list && list->kind == YNODE_LIST && i < list->count ? ynode_get(list->vals[i], key)
								   : list;
}

static void check_twice(const struct places *p, const char *section, const struct conf_list *l)
{
	/* Both element structs begin with their name. */
	for (size_t i = 0; i < l->n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(*(char **)l->v[i], *(char **)l->v[j]) == 0)
				ydoc_error(p->err, p->file, at(p, section, i, "name"),
				    "two %s are called %s", section, *(char **)l->v[i]);
}

static void check_texts(const struct places *p, size_t i, const struct opt_link *l)
{
	for (size_t k = 0; k < l->national_shift.n; k++)
		if (!text_national_id(sv_from(l->national_shift.v[k])))
			ydoc_error(p->err, p->file, at(p, "links", i, "national_shift"),
			    "there are no shift tables for \"%s\" (link %s)",
			    (const char *)l->national_shift.v[k], l->name);
	if (l->smart_text && l->dlt && l->dlt->entity_id[0] && l->dlt->mode != DLT_MODE_OFF)
		ydoc_error(p->err, p->file, at(p, "links", i, "smart_text"),
		    "smart_text of link %s would change texts that dlt must match octet for octet: "
		    "write "
		    "the packs' texts plainly",
		    l->name);
	if (l->national_shift.n > 0 && (l->long_messages > TEXT_UDH16 || l->alphabet_out != TEXT_GSM7))
		ydoc_error(p->err, p->file, at(p, "links", i, "national_shift"),
		    "national_shift of link %s needs long_messages udh8 or udh16 and alphabet_out gsm7",
		    l->name);
}

static void check_listen(const struct places *p, const struct ynode *n, const char *listen)
{
	struct sockaddr_storage ss;
	socklen_t octets;

	if (!addr_parse(listen, &ss, &octets))
		ydoc_error(p->err, p->file, n,
		    "\"%s\" is not an address and port, such as 127.0.0.1:8080", listen);
}

static void check_listeners(const struct places *p, const struct options *o)
{
	const struct ynode *root = ydoc_root(p->doc);

	check_listen(p, ynode_get(ynode_get(root, "events"), "listen"), o->events->listen);
	check_listen(p, ynode_get(ynode_get(root, "ops"), "listen"), o->ops->listen);
	for (size_t i = 0; i < o->ussd.n; i++)
		check_listen(p, at(p, "ussd", i, "listen"), ((struct opt_ussd *)o->ussd.v[i])->listen);
	for (size_t i = 0; i < o->links.n; i++) {
		const struct opt_link *l = o->links.v[i];

		if (l->listen[0])
			check_listen(p, at(p, "links", i, "listen"), l->listen);
	}
}

static void check(const struct places *p, struct options *o)
{
	check_listeners(p, o);
	check_twice(p, "links", &o->links);
	check_twice(p, "backends", &o->backends);
	check_twice(p, "ussd", &o->ussd);
	for (size_t i = 0; i < o->ussd.n; i++)
		for (size_t j = 0; j < i; j++) {
			const struct opt_ussd *a = o->ussd.v[i], *b = o->ussd.v[j];

			if (strcmp(a->listen, b->listen) == 0 && strcmp(a->path, b->path) == 0)
				ydoc_error(p->err, p->file, at(p, "ussd", i, "path"),
				    "ussd %s and %s have the same address and path", b->name, a->name);
		}
	for (size_t i = 0; i < o->backends.n; i++) {
		const struct opt_backend *b = o->backends.v[i];

		if (strncmp(b->url, "http://", 7) != 0 && strncmp(b->url, "https://", 8) != 0)
			ydoc_error(p->err, p->file, at(p, "backends", i, "url"),
			    "the url of backend %s must begin with http:// or https://", b->name);
	}
	for (size_t i = 0; i < o->links.n; i++)
		check_texts(p, i, o->links.v[i]);
	options_link_check(p->file, ydoc_root(p->doc), o, p->err);
}

bool options_read(const char *name, struct sv text, struct options *o, struct buf *err)
{
	struct places p = {.file = name, .err = err};

	_Static_assert(offsetof(struct opt_link, name) == 0 &&
			   offsetof(struct opt_backend, name) == 0 &&
			   offsetof(struct opt_ussd, name) == 0,
	    "check_twice reads the name first");
	*o = (struct options){0};
	if (!conf_read(options_rows, name, text, o, err))
		return false;
	p.doc = ydoc_parse(name, text, err);
	if (p.doc)
		check(&p, o);
	ydoc_free(p.doc);
	return err->n == 0;
}

void options_clear(struct options *o)
{
	options_link_clear(o);
	conf_clear(options_rows, o);
}
