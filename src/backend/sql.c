/* SPDX-License-Identifier: BSD-2-Clause */
/* sql.c - the texts of sql.h. Times are milliseconds since 1970 UTC, days are IST day
 * numbers (ist.h). Constraints repeat what the code promises, so that a mistake in it fails
 * the transaction and is seen. */
#include "backend/sql.h"

#define TOKEN_COLUMNS \
	"token_id, service, day, number, patient_id, msisdn, mode, state, ord, told, missed, " \
	"issued_at, valid_until, called_at, consult_at, ended_at, closing_at"

/* A person's line: the `head` is the oldest event not yet settled, the only one that may be
 * sent; so order per number needs no search over the whole table. */
#define GRIEVANCE_COLUMNS \
	"ticket, service, msisdn, topic, text, lang, state, level, created_at, level_at, due, " \
	"resolved_at," \
	" answer"
/* A page of pmjay_hospital_find, whose condition is `where`. Its names are looked up for the page only:
 * the statement that finds must not touch another table for each of a state's hospitals. */
#define PMJAY_HOSPITALS_PAGE(where, order) \
	"SELECT h.hospital_id, h.name_en, h.name_hi, h.kind, h.pin, d.name_en, d.name_hi, d.state " \
	"FROM" \
	" (SELECT hospital_id, pin FROM pmjay_hospital_find p WHERE " where " ORDER BY " order \
	"p.hospital_id LIMIT ?5 OFFSET ?6) p JOIN pmjay_hospital h USING (hospital_id) JOIN" \
	" pmjay_district d USING (district_id) ORDER BY " order "p.hospital_id"
#define PMJAY_HOSPITALS_COUNT(where) "SELECT count(*) FROM pmjay_hospital_find WHERE " where
#define IN_STATE "state = ?3 AND code = ?4"
#define IN_DISTRICT "district_id = ?2 AND code = ?4"
/* Near a PIN code: its first three digits are an area. */
#define IN_AREA "area = ?1 / 1000 AND code = ?4"
/* The rows of pmjay_hospital_find for the hospitals that `of` names: one for any treatment, and one for each
 * speciality. */
#define PMJAY_FIND_ADD(code, join, of) \
	"INSERT INTO pmjay_hospital_find SELECT h.hospital_id, " code ", d.state, h.district_id," \
	" h.pin / 1000, h.pin FROM pmjay_hospital h JOIN pmjay_district d USING (district_id)" join \
	" WHERE h.status = 'ACTIVE' AND " of ";"
#define PMJAY_FIND_ANY(of) PMJAY_FIND_ADD("'ANY'", "", of)
#define PMJAY_FIND_CODES(of) \
	PMJAY_FIND_ADD("s.code", " JOIN pmjay_hospital_speciality s USING (hospital_id)", of)

/* Of a registration or patient r: the number ?1 was not reported as another's, and its owner has
 * not withdrawn consent. */
#define NOT_WRONG \
	" AND NOT EXISTS (SELECT 1 FROM wrong_number w WHERE w.patient_id = r.patient_id AND w.msisdn" \
	" = ?1)"
#define REACHABLE NOT_WRONG " AND NOT EXISTS (SELECT 1 FROM withdrawn WHERE msisdn = ?1)"

#define NIR_COLUMNS \
	"ref, msisdn, kind, category, disability, state, lang, status, missing, reason, received, " \
	"docs," \
	" asked, decided, card, start, valid_to, next_due, told"
#define NIR_CLAIM_COLUMNS \
	"ref, msisdn, section, sub, status, amount, payable, treated, filed, due, missing, reason"

const struct sql_migration sql_migrations[] = {
    {"registration, tokens, events, idempotency",
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"INSERT INTO meta VALUES ('instance', lower(hex(randomblob(6))));"
	"CREATE TABLE patient ("
	" patient_id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" msisdn TEXT NOT NULL CHECK (length(msisdn) BETWEEN 10 AND 15 AND msisdn NOT GLOB "
	"'*[^0-9]*'),"
	" name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),"
	" name_folded TEXT NOT NULL,"
	" age INTEGER NOT NULL CHECK (age BETWEEN 0 AND 125),"
	" sex TEXT NOT NULL CHECK (sex IN ('F', 'M', 'O')),"
	" place TEXT CHECK (length(place) BETWEEN 1 AND 160),"
	" lang TEXT NOT NULL CHECK (length(lang) BETWEEN 2 AND 3),"
	" created_at INTEGER NOT NULL,"
	" updated_at INTEGER NOT NULL,"
	" UNIQUE (msisdn, name_folded)) STRICT;"
	"CREATE TABLE registration ("
	" registration_id INTEGER PRIMARY KEY,"
	" patient_id INTEGER NOT NULL REFERENCES patient ON DELETE CASCADE,"
	" msisdn TEXT NOT NULL,"
	" service TEXT NOT NULL,"
	" consent_version TEXT NOT NULL,"
	" consent_channel TEXT NOT NULL,"
	" consent_at INTEGER NOT NULL,"
	" registered_at INTEGER NOT NULL,"
	" turn INTEGER NOT NULL," /* grows with each registration: the largest is the person meant */
	" UNIQUE (patient_id, service)) STRICT;"
	"CREATE INDEX registration_latest ON registration (msisdn, service, turn);"
	"CREATE TABLE number_series ("
	" service TEXT NOT NULL, day INTEGER NOT NULL, last INTEGER NOT NULL CHECK (last > 0),"
	" PRIMARY KEY (service, day)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE token ("
	" token_id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" service TEXT NOT NULL,"
	" day INTEGER NOT NULL,"
	" number INTEGER NOT NULL CHECK (number > 0),"
	" patient_id INTEGER NOT NULL REFERENCES patient,"
	" msisdn TEXT NOT NULL,"
	" mode TEXT NOT NULL CHECK (mode IN ('AUDIO', 'VIDEO')),"
	" state TEXT NOT NULL CHECK (state IN ('WAITING', 'CALLED', 'IN_CONSULT', 'USED', "
	"'MISSED', "
	"'EXPIRED',"
	"  'CANCELLED')),"
	" ord INTEGER NOT NULL," /* place in the line while WAITING: smaller is earlier */
	" told INTEGER NOT NULL," /* the `ahead` the person was told last */
	" missed INTEGER NOT NULL DEFAULT 0,"
	" issued_at INTEGER NOT NULL,"
	" valid_until INTEGER NOT NULL CHECK (valid_until > issued_at),"
	" called_at INTEGER, consult_at INTEGER, ended_at INTEGER,"
	" UNIQUE (service, day, number)) STRICT;"
	"CREATE UNIQUE INDEX token_one_live ON token (patient_id, service)"
	" WHERE state IN ('WAITING', 'CALLED', 'IN_CONSULT');"
	"CREATE INDEX token_line ON token (service, ord) WHERE state = 'WAITING';"
	"CREATE INDEX token_out ON token (service, called_at) WHERE state IN ('CALLED', "
	"'IN_CONSULT');"
	"CREATE INDEX token_due ON token (valid_until) WHERE state IN ('WAITING', 'CALLED', "
	"'IN_CONSULT');"
	"CREATE INDEX token_msisdn ON token (msisdn, service, token_id);"
	"CREATE TABLE token_log ("
	" log_id INTEGER PRIMARY KEY, token_id INTEGER NOT NULL REFERENCES token,"
	" at INTEGER NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL) STRICT;"
	"CREATE TABLE prescription ("
	" ref INTEGER PRIMARY KEY AUTOINCREMENT, token_id INTEGER NOT NULL UNIQUE REFERENCES token,"
	" created_at INTEGER NOT NULL) STRICT;"
	"INSERT INTO sqlite_sequence (name, seq) VALUES ('prescription', 1000);"
	"CREATE TABLE event ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" type TEXT NOT NULL,"
	" msisdn TEXT NOT NULL,"
	" body TEXT NOT NULL,"
	" state TEXT NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'STORED', 'REFUSED')),"
	" head INTEGER NOT NULL CHECK (head IN (0, 1)),"
	" attempts INTEGER NOT NULL DEFAULT 0,"
	" next_try INTEGER NOT NULL DEFAULT 0,"
	" last_answer INTEGER," /* HTTP status, 0 for none */
	" at INTEGER NOT NULL,"
	" settled_at INTEGER) STRICT;"
	"CREATE UNIQUE INDEX event_one_head ON event (msisdn) WHERE head = 1;"
	"CREATE INDEX event_line ON event (msisdn, seq) WHERE state = 'PENDING';"
	"CREATE INDEX event_due ON event (next_try, seq) WHERE head = 1;"
	"CREATE INDEX event_refused ON event (seq) WHERE state = 'REFUSED';"
	"CREATE INDEX event_settled ON event (settled_at) WHERE settled_at IS NOT NULL;"
	"CREATE TABLE idempotency ("
	" key TEXT PRIMARY KEY, hash BLOB NOT NULL CHECK (length(hash) = 32),"
	" status INTEGER NOT NULL, body TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, "
	"WITHOUT "
	"ROWID;"
	"CREATE INDEX idempotency_expiry ON idempotency (expires_at);"},
    /* Counting everybody ahead one by one made a long line slow. Triggers keep the number of
     * waiting tokens per block of the line, so a place is a sum over blocks and a count in one. */
    {"the line counted in blocks",
	"CREATE TABLE line_block ("
	" service TEXT NOT NULL, block INTEGER NOT NULL, waiting INTEGER NOT NULL CHECK (waiting "
	">= 0),"
	" PRIMARY KEY (service, block)) STRICT, WITHOUT ROWID;"
	"INSERT INTO line_block SELECT service, ord >> 16, count(*) FROM token WHERE state = "
	"'WAITING'"
	" GROUP BY 1, 2;"
	"CREATE TRIGGER line_in AFTER INSERT ON token WHEN NEW.state = 'WAITING' BEGIN"
	" INSERT INTO line_block VALUES (NEW.service, NEW.ord >> 16, 1)"
	"  ON CONFLICT DO UPDATE SET waiting = waiting + 1;"
	" END;"
	"CREATE TRIGGER line_back AFTER UPDATE OF state ON token WHEN OLD.state <> 'WAITING'"
	" AND NEW.state = 'WAITING' BEGIN"
	" INSERT INTO line_block VALUES (NEW.service, NEW.ord >> 16, 1)"
	"  ON CONFLICT DO UPDATE SET waiting = waiting + 1;"
	" END;"
	"CREATE TRIGGER line_out AFTER UPDATE OF state ON token WHEN OLD.state = 'WAITING'"
	" AND NEW.state <> 'WAITING' BEGIN"
	" UPDATE line_block SET waiting = waiting - 1 WHERE service = OLD.service AND block = "
	"OLD.ord "
	">> 16;"
	" DELETE FROM line_block WHERE service = OLD.service AND block = OLD.ord >> 16 AND waiting "
	"= 0;"
	" END;"
	"CREATE TRIGGER line_shift AFTER UPDATE OF ord ON token WHEN OLD.state = 'WAITING'"
	" AND NEW.state = 'WAITING' AND OLD.ord >> 16 <> NEW.ord >> 16 BEGIN"
	" UPDATE line_block SET waiting = waiting - 1 WHERE service = OLD.service AND block = "
	"OLD.ord "
	">> 16;"
	" DELETE FROM line_block WHERE service = OLD.service AND block = OLD.ord >> 16 AND waiting "
	"= 0;"
	" INSERT INTO line_block VALUES (NEW.service, NEW.ord >> 16, 1)"
	"  ON CONFLICT DO UPDATE SET waiting = waiting + 1;"
	" END;"},
    /* Ids of people are of the scheme; there is no Aadhaar number in any table. */
    {"PM-JAY: families, beneficiaries, hospitals",
	"CREATE TABLE pmjay_district ("
	" district_id INTEGER PRIMARY KEY, state TEXT NOT NULL CHECK (length(state) = 2),"
	" name_en TEXT NOT NULL, name_hi TEXT NOT NULL, folded_en TEXT NOT NULL,"
	" folded_hi TEXT NOT NULL, UNIQUE (state, folded_en)) STRICT;"
	"CREATE TABLE pmjay_family ("
	" family_id INTEGER PRIMARY KEY,"
	" ration_card TEXT NOT NULL UNIQUE CHECK (length(ration_card) BETWEEN 4 AND 20),"
	" msisdn TEXT CHECK (length(msisdn) BETWEEN 10 AND 15 AND msisdn NOT GLOB '*[^0-9]*'),"
	" district_id INTEGER NOT NULL REFERENCES pmjay_district,"
	" category TEXT NOT NULL) STRICT;"
	"CREATE INDEX pmjay_family_msisdn ON pmjay_family (msisdn) WHERE msisdn IS NOT NULL;"
	"CREATE TABLE pmjay_beneficiary ("
	" pmjay_id TEXT PRIMARY KEY CHECK (length(pmjay_id) BETWEEN 6 AND 20),"
	" family_id INTEGER NOT NULL REFERENCES pmjay_family,"
	" name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),"
	" born INTEGER NOT NULL," /* IST day */
	" sex TEXT NOT NULL CHECK (sex IN ('F', 'M', 'O')),"
	" has_card INTEGER NOT NULL CHECK (has_card IN (0, 1))) STRICT, WITHOUT ROWID;"
	"CREATE INDEX pmjay_beneficiary_family ON pmjay_beneficiary (family_id, born, has_card);"
	"CREATE TABLE pmjay_hospital ("
	" hospital_id INTEGER PRIMARY KEY,"
	" name_en TEXT NOT NULL, name_hi TEXT NOT NULL,"
	" kind TEXT NOT NULL CHECK (kind IN ('GOVT', 'PRIVATE')),"
	" status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'INACTIVE', 'SUSPENDED')),"
	" district_id INTEGER NOT NULL REFERENCES pmjay_district,"
	" pin INTEGER NOT NULL CHECK (pin BETWEEN 100000 AND 999999)) STRICT;"
	"CREATE INDEX pmjay_hospital_district ON pmjay_hospital (district_id, hospital_id)"
	" WHERE status = 'ACTIVE';"
	"CREATE INDEX pmjay_hospital_pin ON pmjay_hospital (pin) WHERE status = 'ACTIVE';"
	"CREATE TABLE pmjay_hospital_speciality ("
	" hospital_id INTEGER NOT NULL REFERENCES pmjay_hospital, code TEXT NOT NULL,"
	" PRIMARY KEY (hospital_id, code)) STRICT, WITHOUT ROWID;"},
    {"grievances of the schemes", "CREATE TABLE grievance ("
				  " ticket INTEGER PRIMARY KEY AUTOINCREMENT,"
				  " service TEXT NOT NULL, msisdn TEXT NOT NULL, topic TEXT NOT "
				  "NULL,"
				  " text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 500), "
				  "lang TEXT NOT NULL,"
				  " state TEXT NOT NULL CHECK (state IN ('OPEN', 'RESOLVED')),"
				  " level TEXT NOT NULL,"
				  " created_at INTEGER NOT NULL, level_at INTEGER NOT NULL, due "
				  "INTEGER NOT NULL," /* IST day */
				  " resolved_at INTEGER, answer TEXT) STRICT;"
				  "CREATE INDEX grievance_msisdn ON grievance (msisdn, service, "
				  "ticket);"
				  "INSERT INTO sqlite_sequence (name, seq) VALUES ('grievance', "
				  "100000);"},
    /* When a token that still waits is told that the service is over; 0: it was told. */
    {"closing notice", "ALTER TABLE token ADD COLUMN closing_at INTEGER;"
		       "CREATE INDEX token_closing ON token (closing_at) WHERE state = 'WAITING' "
		       "AND closing_at > 0;"},
    {"sub-centres, wellness centres, beneficiaries",
	"CREATE TABLE subcentre (subcentre_id INTEGER PRIMARY KEY,"
	" name_hi TEXT NOT NULL, name_en TEXT NOT NULL, block_hi TEXT NOT NULL, block_en TEXT NOT "
	"NULL,"
	" district_hi TEXT NOT NULL, district_en TEXT NOT NULL) STRICT;"
	"CREATE TABLE subcentre_block (folded TEXT NOT NULL, subcentre_id INTEGER NOT NULL "
	"REFERENCES"
	" subcentre, PRIMARY KEY (folded, subcentre_id)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE subcentre_pin (pin TEXT NOT NULL CHECK (length(pin) = 6), subcentre_id "
	"INTEGER "
	"NOT"
	" NULL REFERENCES subcentre, PRIMARY KEY (pin, subcentre_id)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE wellness_centre (centre_id TEXT PRIMARY KEY, name_hi TEXT NOT NULL,"
	" name_en TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE beneficiary (beneficiary_id TEXT PRIMARY KEY, born TEXT NOT NULL,"
	" region TEXT NOT NULL, centre_id TEXT NOT NULL REFERENCES wellness_centre,"
	" active INTEGER NOT NULL CHECK (active IN (0, 1))) STRICT, WITHOUT ROWID;"
	/* Not tied to beneficiary: a list that is replaced may drop one who is registered. */
	"CREATE TABLE member (patient_id INTEGER NOT NULL REFERENCES patient ON DELETE CASCADE,"
	" service TEXT NOT NULL, beneficiary_id TEXT NOT NULL, verified_at INTEGER,"
	" PRIMARY KEY (patient_id, service)) STRICT, WITHOUT ROWID;"},
    {"Niramaya: applications, their log, claims",
	"CREATE TABLE niramaya_application ("
	" ref INTEGER PRIMARY KEY AUTOINCREMENT,"
	" msisdn TEXT NOT NULL CHECK (length(msisdn) BETWEEN 10 AND 15 AND msisdn NOT GLOB "
	"'*[^0-9]*'),"
	" kind TEXT NOT NULL CHECK (kind IN ('ENROL', 'RENEW')),"
	" category TEXT NOT NULL CHECK (category IN ('BPL', 'NON_BPL', 'GUARDIAN')),"
	" disability TEXT NOT NULL, state TEXT NOT NULL, lang TEXT NOT NULL,"
	" status TEXT NOT NULL CHECK (status IN ('SUBMITTED_AT_RO', 'SENT_TO_NT', 'INCOMPLETE',"
	"  'RESUBMITTED', 'APPROVED', 'REJECTED', 'CARD_UPLOADED', 'LAPSED')),"
	" missing TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',"
	" received INTEGER NOT NULL," /* IST days from here; 0: not yet */
	" docs INTEGER NOT NULL DEFAULT 0, asked INTEGER NOT NULL DEFAULT 0,"
	" decided INTEGER NOT NULL DEFAULT 0, card INTEGER NOT NULL DEFAULT 0,"
	" start INTEGER NOT NULL DEFAULT 0, valid_to INTEGER NOT NULL DEFAULT 0,"
	" next_due INTEGER NOT NULL DEFAULT 0," /* ms */
	" told INTEGER NOT NULL DEFAULT 0,"
	" updated_at INTEGER NOT NULL,"
	" CHECK (status <> 'REJECTED' OR reason <> ''),"
	" CHECK (status <> 'INCOMPLETE' OR missing <> '')) STRICT;"
	"CREATE INDEX niramaya_application_msisdn ON niramaya_application (msisdn, ref);"
	"CREATE INDEX niramaya_application_due ON niramaya_application (next_due) WHERE next_due > "
	"0;"
	"CREATE INDEX niramaya_application_received ON niramaya_application (received);"
	"INSERT INTO sqlite_sequence (name, seq) VALUES ('niramaya_application', 500000);"
	"CREATE TABLE niramaya_log ("
	" log_id INTEGER PRIMARY KEY, ref INTEGER NOT NULL REFERENCES niramaya_application,"
	" at INTEGER NOT NULL, status TEXT NOT NULL, detail TEXT NOT NULL) STRICT;"
	"CREATE INDEX niramaya_log_at ON niramaya_log (at);"
	"CREATE TABLE niramaya_claim ("
	" ref INTEGER PRIMARY KEY AUTOINCREMENT, msisdn TEXT NOT NULL,"
	" section TEXT NOT NULL, sub TEXT NOT NULL,"
	" status TEXT NOT NULL CHECK (status IN ('FILED', 'UNDER_VERIFICATION', 'DOCS_REQUESTED', "
	"'APPROVED',"
	"  'PAID', 'REJECTED')),"
	" amount INTEGER NOT NULL CHECK (amount >= 0), payable INTEGER NOT NULL CHECK (payable >= "
	"0),"
	" treated INTEGER NOT NULL, filed INTEGER NOT NULL, due INTEGER NOT NULL," /* IST days */
	" missing TEXT NOT NULL, reason TEXT NOT NULL, updated_at INTEGER NOT NULL,"
	" CHECK (status <> 'REJECTED' OR reason <> '')) STRICT;"
	"CREATE INDEX niramaya_claim_msisdn ON niramaya_claim (msisdn, ref);"
	"INSERT INTO sqlite_sequence (name, seq) VALUES ('niramaya_claim', 700000);"},
    /* What a person looks for: an active hospital for each of its specialities, and for any. Kept by
     * triggers, so that whoever fills the tables need not know of it. */
    {"PM-JAY: hospitals by place and speciality",
	"CREATE TABLE pmjay_hospital_find (hospital_id INTEGER NOT NULL, code TEXT NOT NULL,"
	" state TEXT NOT NULL, district_id INTEGER NOT NULL, area INTEGER NOT NULL, pin INTEGER "
	"NOT NULL,"
	" PRIMARY KEY (hospital_id, code)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX pmjay_find_state ON pmjay_hospital_find (state, code, hospital_id);"
	"CREATE INDEX pmjay_find_district ON pmjay_hospital_find (district_id, code, hospital_id);"
	"CREATE INDEX pmjay_find_area ON pmjay_hospital_find (area, code, pin);"
	"CREATE INDEX pmjay_district_en ON pmjay_district (folded_en);"
	"CREATE INDEX pmjay_district_hi ON pmjay_district (folded_hi);"
	/* It would set one word a line here. */
	/* clang-format off */
	"DROP INDEX pmjay_hospital_district;"
	" DROP INDEX pmjay_hospital_pin;"
	PMJAY_FIND_ANY("true")
	PMJAY_FIND_CODES("true")
	"CREATE TRIGGER pmjay_find_new AFTER INSERT ON pmjay_hospital BEGIN"
	" "
	PMJAY_FIND_ANY("h.hospital_id = new.hospital_id")
	" END;"
	"CREATE TRIGGER pmjay_find_change AFTER UPDATE ON pmjay_hospital BEGIN"
	" DELETE FROM pmjay_hospital_find WHERE hospital_id = old.hospital_id;"
	" "
	PMJAY_FIND_ANY("h.hospital_id = new.hospital_id")
	PMJAY_FIND_CODES("h.hospital_id = new.hospital_id")
	" END;"
	"CREATE TRIGGER pmjay_find_gone AFTER DELETE ON pmjay_hospital BEGIN"
	" DELETE FROM pmjay_hospital_find WHERE hospital_id = old.hospital_id;"
	" END;"
	"CREATE TRIGGER pmjay_find_code AFTER INSERT ON pmjay_hospital_speciality BEGIN"
	" "
	PMJAY_FIND_CODES("h.hospital_id = new.hospital_id AND s.code = new.code")
	" END;"
	"CREATE TRIGGER pmjay_find_code_gone AFTER DELETE ON pmjay_hospital_speciality BEGIN"
	" DELETE FROM pmjay_hospital_find WHERE hospital_id = old.hospital_id AND code = old.code;"
	" END;"},
    /* clang-format on */
    /* patient.phone: whom another phone asked for may have a number of his own. */
    {"consent with its history, withdrawal, wrong numbers, asking for others",
	"ALTER TABLE patient ADD COLUMN phone TEXT"
	" CHECK (length(phone) BETWEEN 10 AND 15 AND phone NOT GLOB '*[^0-9]*');"
	"CREATE INDEX patient_phone ON patient (phone) WHERE phone IS NOT NULL;"
	"CREATE TABLE consent ("
	" consent_id INTEGER PRIMARY KEY,"
	" msisdn TEXT NOT NULL, patient_id INTEGER NOT NULL, service TEXT NOT NULL,"
	" act TEXT NOT NULL CHECK (act IN ('GIVEN', 'GIVEN_FOR_OTHER', 'WITHDRAWN', 'ERASED',"
	"  'WRONG_NUMBER')),"
	" text_version TEXT NOT NULL, channel TEXT NOT NULL, lang TEXT NOT NULL,"
	" at INTEGER NOT NULL) STRICT;"
	"CREATE INDEX consent_msisdn ON consent (msisdn, consent_id);"
	"INSERT INTO consent (msisdn, patient_id, service, act, text_version, channel, lang, at)"
	" SELECT r.msisdn, r.patient_id, r.service, 'GIVEN', r.consent_version, r.consent_channel,"
	" p.lang, r.consent_at FROM registration r JOIN patient p USING (patient_id)"
	" ORDER BY r.consent_at;"
	"CREATE TABLE withdrawn (msisdn TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE wrong_number ("
	" msisdn TEXT NOT NULL, patient_id INTEGER NOT NULL REFERENCES patient ON DELETE CASCADE,"
	" at INTEGER NOT NULL, PRIMARY KEY (patient_id, msisdn)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX wrong_number_msisdn ON wrong_number (msisdn);"},
    /* A line that the desk closed for the day; and the line that an event is of, as its desk calls it. */
    {"the desk's day",
	"CREATE TABLE desk_closed (service TEXT NOT NULL, day INTEGER NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY (service, day)) STRICT, WITHOUT ROWID;"
	"ALTER TABLE event ADD COLUMN line TEXT;"
	"CREATE INDEX event_of_line ON event (line, seq);"},
};
const size_t sql_n_migrations = sizeof sql_migrations / sizeof sql_migrations[0];

const char *const sql_text[SQL_N] = {
    [SQL_BEGIN] = "BEGIN",
    [SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",

    [SQL_PATIENT_BY_NAME] = "SELECT patient_id FROM patient WHERE msisdn = ?1 AND name_folded = ?2",
    [SQL_PATIENT_NEW] =
	"INSERT INTO patient (msisdn, name, name_folded, age, sex, place, lang, created_at,"
	" updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
    [SQL_PATIENT_UPDATE] =
	"UPDATE patient SET name = ?2, age = ?3, sex = ?4, place = coalesce(?5, place),"
	" lang = ?6, updated_at = ?7 WHERE patient_id = ?1",
    [SQL_REG_GET] = "SELECT 1 FROM registration WHERE patient_id = ?1 AND service = ?2",
    [SQL_REG_NEW] =
	"INSERT INTO registration (patient_id, msisdn, service, consent_version, consent_channel,"
	" consent_at, registered_at, turn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6,"
	" (SELECT coalesce(max(turn), 0) + 1 FROM registration WHERE msisdn = ?2 AND service = ?3))",
    [SQL_REG_UPDATE] =
	"UPDATE registration SET consent_version = ?4, consent_channel = ?5, consent_at = ?6,"
	" turn = (SELECT max(turn) + 1 FROM registration WHERE msisdn = ?2 AND service = ?3)"
	" WHERE patient_id = ?1 AND service = ?3",
    [SQL_REG_LATEST] = "SELECT patient_id FROM registration r WHERE msisdn = ?1 AND service = "
		       "?2" REACHABLE " ORDER BY turn DESC LIMIT 1",
    [SQL_REG_BY_PATIENT] = "SELECT patient_id FROM registration r WHERE msisdn = ?1 AND service "
			   "= ?2 AND patient_id = ?3" REACHABLE,
    [SQL_PATIENT_GET] = "SELECT name, age, sex, place, lang FROM patient WHERE patient_id = ?1",

    [SQL_NUMBER_NEXT] = "INSERT INTO number_series (service, day, last) VALUES (?1, ?2, 1)"
			" ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last",
    [SQL_TOKEN_NEW] =
	"INSERT INTO token (service, day, number, patient_id, msisdn, mode, state, ord, told,"
	" issued_at, valid_until, closing_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
	" ?12)",
    [SQL_TOKEN_GET] = "SELECT " TOKEN_COLUMNS " FROM token WHERE token_id = ?1",
    [SQL_TOKEN_LIVE_OF_PATIENT] =
	"SELECT " TOKEN_COLUMNS " FROM token WHERE patient_id = ?1 AND service = ?2"
	" AND state IN ('WAITING', 'CALLED', 'IN_CONSULT')",
    /* Live ones first, of these the one whose turn has come; then the newest since day ?3. */
    [SQL_TOKEN_CURRENT] =
	"SELECT " TOKEN_COLUMNS
	" FROM token WHERE msisdn = ?1 AND (service = ?2 OR service GLOB ?2 || '-*') AND (day >= ?3 OR"
	" state IN"
	" ('WAITING', 'CALLED', 'IN_CONSULT')) AND (?4 = 0 OR patient_id = ?4) ORDER BY CASE state "
	"WHEN 'CALLED'"
	" THEN 0 WHEN 'IN_CONSULT' THEN 1 WHEN 'WAITING' THEN 2 ELSE 3 END, token_id DESC LIMIT 1",
    [SQL_TOKEN_GO] =
	"UPDATE token SET state = ?3, called_at = ?4, consult_at = ?5, ended_at = ?6, missed = ?7"
	" WHERE token_id = ?1 AND state = ?2",
    [SQL_TOKEN_LOG] =
	"INSERT INTO token_log (token_id, at, from_state, to_state) VALUES (?1, ?2, ?3, ?4)",
    [SQL_TOKEN_ORD] = "UPDATE token SET ord = ?2 WHERE token_id = ?1",
    [SQL_TOKEN_TOLD] = "UPDATE token SET told = ?2 WHERE token_id = ?1",
    [SQL_TOKEN_TOLD_CLOSING] = "UPDATE token SET closing_at = 0 WHERE token_id = ?1",
    /* A live token of the same phone in another service than ?2, its turn first. */
    [SQL_TOKEN_OTHERS] =
	"SELECT " TOKEN_COLUMNS
	" FROM token WHERE msisdn = ?1 AND service <> ?2 AND service NOT GLOB ?2 || '-*' AND state IN"
	" ('WAITING', 'CALLED', 'IN_CONSULT') ORDER BY CASE state WHEN 'CALLED' THEN 0 WHEN "
	"'IN_CONSULT'"
	" THEN 1 ELSE 2 END, token_id DESC LIMIT 1",
    [SQL_QUEUE_EARLIER] =
	"SELECT count(*) FROM token WHERE service = ?1 AND state = 'WAITING' AND day < ?2 AND ord < ?3",
    [SQL_QUEUE_AHEAD] =
	"SELECT (SELECT coalesce(sum(waiting), 0) FROM line_block WHERE service = ?1 AND block <"
	" ?2 >> 16) + (SELECT count(*) FROM token WHERE service = ?1 AND state = 'WAITING' AND ord >="
	" ((?2 >> 16) << 16) AND ord < ?2)",
    [SQL_QUEUE_NTH] = "SELECT " TOKEN_COLUMNS " FROM token WHERE service = ?1 AND state = 'WAITING'"
		      " ORDER BY ord LIMIT 1 OFFSET ?2",
    [SQL_QUEUE_LAST_ORD] = "SELECT max(ord) FROM token WHERE service = ?1 AND state = 'WAITING'",
    [SQL_QUEUE_MAKE_ROOM] =
	"UPDATE token SET ord = ord + ?3 WHERE service = ?1 AND state = 'WAITING' AND ord > ?2",
    [SQL_QUEUE_DUE] =
	"SELECT " TOKEN_COLUMNS " FROM token WHERE state IN ('WAITING', 'CALLED', 'IN_CONSULT')"
	" AND valid_until <= ?1 ORDER BY (state = 'WAITING'), ord DESC LIMIT ?2",
    [SQL_QUEUE_NEXT_DUE] =
	"SELECT min(at) FROM (SELECT min(valid_until) AS at FROM token WHERE state IN ('WAITING', "
	"'CALLED',"
	" 'IN_CONSULT') UNION ALL SELECT min(closing_at) FROM token WHERE state = 'WAITING' AND"
	" closing_at > 0)",
    [SQL_QUEUE_CLOSING] =
	"SELECT " TOKEN_COLUMNS " FROM token WHERE state = 'WAITING' AND closing_at > 0 AND"
	" closing_at <= ?1 AND valid_until > ?1 ORDER BY closing_at, ord LIMIT ?2",
    [SQL_QUEUE_COUNTS] =
	"SELECT (SELECT coalesce(sum(waiting), 0) FROM line_block WHERE service = ?1),"
	" (SELECT count(*) FROM token WHERE service = ?1 AND state IN ('CALLED', 'IN_CONSULT')"
	" AND state = 'CALLED'),"
	" (SELECT count(*) FROM token WHERE service = ?1 AND state IN ('CALLED', 'IN_CONSULT')"
	" AND state = 'IN_CONSULT')",
    [SQL_QUEUE_LIST] =
	"SELECT * FROM (SELECT " TOKEN_COLUMNS " FROM token WHERE service = ?1 AND state IN ('CALLED',"
	" 'IN_CONSULT') ORDER BY called_at, token_id LIMIT ?2) UNION ALL SELECT * FROM "
	"(SELECT " TOKEN_COLUMNS
	" FROM token WHERE service = ?1 AND state = 'WAITING' ORDER BY ord LIMIT ?2)",
    [SQL_QUEUE_TAIL] = "SELECT " TOKEN_COLUMNS " FROM token WHERE service = ?1 AND state = 'WAITING'"
		       " AND day <= ?2 ORDER BY ord DESC LIMIT 1",
    [SQL_DESK_CLOSE] = "INSERT OR IGNORE INTO desk_closed VALUES (?1, ?2, ?3)",
    [SQL_DESK_REOPEN] = "DELETE FROM desk_closed WHERE service = ?1 AND day = ?2",
    [SQL_DESK_IS_CLOSED] = "SELECT 1 FROM desk_closed WHERE service = ?1 AND day = ?2",
    [SQL_RX_NEW] = "INSERT INTO prescription (token_id, created_at) VALUES (?1, ?2)",
    [SQL_RX_GET] = "SELECT ref FROM prescription WHERE token_id = ?1",

    [SQL_EVENT_NEW] = "INSERT INTO event (type, msisdn, body, at, head, line) VALUES (?1, ?2, ?3, ?4,"
		      " NOT EXISTS (SELECT 1 FROM event WHERE msisdn = ?2 AND state = 'PENDING'),"
		      " lower(json_extract(?3, '$.service') || coalesce('-' || json_extract(?3,"
		      " '$.data.speciality'), '')))",
    [SQL_EVENT_DUE] =
	"SELECT seq, (SELECT value FROM meta WHERE name = 'instance') || '-' || seq, type, msisdn,"
	" body, attempts FROM event WHERE head = 1 AND next_try <= ?1 ORDER BY next_try, seq LIMIT ?2",
    [SQL_EVENT_NEXT_DUE] = "SELECT min(next_try) FROM event WHERE head = 1",
    [SQL_EVENT_DONE] = "UPDATE event SET state = ?2, head = 0, last_answer = ?3, settled_at = ?4,"
		       " attempts = attempts + 1 WHERE seq = ?1 AND head = 1 RETURNING msisdn",
    [SQL_EVENT_NEXT_HEAD] =
	"UPDATE event SET head = 1 WHERE seq = (SELECT min(seq) FROM event WHERE msisdn = ?1"
	" AND state = 'PENDING')",
    [SQL_EVENT_FAILED] =
	"UPDATE event SET attempts = attempts + 1, next_try = ?2, last_answer = ?3 WHERE seq = ?1"
	" AND head = 1",
    [SQL_EVENT_RETRY_ALL] = "UPDATE event SET next_try = 0 WHERE head = 1 AND next_try > 0",
    [SQL_EVENT_COUNTS] = "SELECT (SELECT count(*) FROM event WHERE state = 'PENDING'),"
			 " (SELECT count(*) FROM event WHERE state = 'REFUSED')",
    [SQL_EVENT_OF_LINE] =
	"SELECT type, msisdn, at, state, json_extract(body, '$.data.token'), json_extract(body,"
	" '$.data.ahead') FROM event WHERE line = ?1 ORDER BY seq DESC LIMIT ?2",
    [SQL_EVENT_PURGE] =
	"DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE settled_at IS NOT NULL"
	" AND settled_at <= ?1 LIMIT ?2)",

    [SQL_LISTS_CLEAR_FIRST] = "DELETE FROM subcentre_block",
    [SQL_LISTS_CLEAR_2] = "DELETE FROM subcentre_pin",
    [SQL_LISTS_CLEAR_3] = "DELETE FROM subcentre",
    [SQL_LISTS_CLEAR_4] = "DELETE FROM beneficiary",
    [SQL_LISTS_CLEAR_5] = "DELETE FROM wellness_centre",
    [SQL_LISTS_CLEAR_LAST] = "DELETE FROM meta WHERE name = 'lists'",
    [SQL_LISTS_MARK_GET] = "SELECT 1 FROM meta WHERE name = 'lists' AND value = ?1",
    [SQL_LISTS_MARK_PUT] = "INSERT OR REPLACE INTO meta VALUES ('lists', ?1)",
    [SQL_SUBCENTRE_NEW] = "INSERT INTO subcentre (name_hi, name_en, block_hi, block_en, district_hi,"
			  " district_en) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_SUBCENTRE_BLOCK_NEW] =
	"INSERT OR IGNORE INTO subcentre_block (subcentre_id, folded) VALUES (?1, ?2)",
    [SQL_SUBCENTRE_PIN_NEW] = "INSERT OR IGNORE INTO subcentre_pin (pin, subcentre_id) VALUES (?1, ?2)",
    [SQL_SUBCENTRE_BY_PIN] =
	"SELECT name_hi, name_en, block_hi, block_en, district_hi, district_en FROM subcentre_pin"
	" JOIN subcentre USING (subcentre_id) WHERE pin = ?1 ORDER BY subcentre_id LIMIT ?2",
    [SQL_SUBCENTRE_BY_BLOCK] =
	"SELECT name_hi, name_en, block_hi, block_en, district_hi, district_en FROM subcentre_block"
	" JOIN subcentre USING (subcentre_id) WHERE folded = ?1 ORDER BY subcentre_id LIMIT ?2",
    [SQL_CENTRE_NEW] = "INSERT INTO wellness_centre VALUES (?1, ?2, ?3)",
    [SQL_BENEFICIARY_NEW] = "INSERT INTO beneficiary VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_BENEFICIARY_GET] = "SELECT born, region, active, name_hi, name_en FROM beneficiary JOIN"
			    " wellness_centre USING (centre_id) WHERE beneficiary_id = ?1",
    [SQL_MEMBER_GET] =
	"SELECT beneficiary_id, verified_at FROM member WHERE patient_id = ?1 AND service = ?2",
    [SQL_MEMBER_PUT] = "INSERT INTO member VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET"
		       " beneficiary_id = ?3, verified_at = coalesce(?4, verified_at)",
    [SQL_MEMBER_VERIFIED] = "UPDATE member SET verified_at = ?3 WHERE patient_id = ?1 AND service = ?2",
    [SQL_MEMBER_CENTRE] = "SELECT name_hi, name_en FROM member JOIN beneficiary USING (beneficiary_id) "
			  "JOIN wellness_centre"
			  " USING (centre_id) WHERE patient_id = ?1 AND service = ?2",

    [SQL_IDEM_GET] = "SELECT hash, status, body FROM idempotency WHERE key = ?1 AND expires_at > ?2",
    [SQL_IDEM_PUT] = "INSERT OR REPLACE INTO idempotency (key, hash, status, body, expires_at)"
		     " VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_IDEM_PURGE] =
	"DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE expires_at <= ?1"
	" LIMIT ?2)",

    [SQL_PMJAY_FAMILIES] =
	"SELECT f.family_id, d.state FROM pmjay_family f JOIN pmjay_district d USING "
	"(district_id)"
	" WHERE f.msisdn = ?1 AND (?2 IS NULL OR f.ration_card = ?2 OR EXISTS (SELECT 1 FROM"
	" pmjay_beneficiary b WHERE b.pmjay_id = ?2 AND b.family_id = f.family_id))"
	" AND (?3 IS NULL OR d.state = ?3) ORDER BY f.family_id LIMIT 2",
    [SQL_PMJAY_FAMILY_COUNTS] = "SELECT count(*), coalesce(sum(has_card), 0), coalesce(sum(born <= "
				"?2), 0) FROM pmjay_beneficiary"
				" WHERE family_id = ?1",
    /* The one who was asked for by id, else the eldest. */
    [SQL_PMJAY_MEMBER] =
	"SELECT name, has_card, pmjay_id IS ?2 FROM pmjay_beneficiary WHERE family_id = ?1"
	" ORDER BY pmjay_id IS ?2 DESC, born, pmjay_id LIMIT 1",
    [SQL_PMJAY_DISTRICT] = "SELECT min(district_id), count(*) FROM pmjay_district WHERE (folded_en = ?1"
			   " OR folded_hi = ?1) AND (?2 IS NULL OR state = ?2)",
    [SQL_PMJAY_DISTRICT_BEGINS] =
	"SELECT min(district_id), count(*) FROM pmjay_district WHERE (folded_en BETWEEN ?1 AND ?1 ||"
	" char(0x10ffff) OR folded_hi BETWEEN ?1 AND ?1 || char(0x10ffff))"
	" AND (?2 IS NULL OR state = ?2)",
    [SQL_PMJAY_DISTRICTS] = "SELECT name_en, name_hi, state, folded_en, folded_hi FROM pmjay_district"
			    " WHERE ?1 IS NULL OR state = ?1 ORDER BY district_id",
    [SQL_PMJAY_HOSPITALS_AREA] = PMJAY_HOSPITALS_PAGE(IN_AREA, "abs(p.pin - ?1), "),
    [SQL_PMJAY_HOSPITALS_DISTRICT] = PMJAY_HOSPITALS_PAGE(IN_DISTRICT, ""),
    [SQL_PMJAY_HOSPITALS_STATE] = PMJAY_HOSPITALS_PAGE(IN_STATE, ""),
    [SQL_PMJAY_HOSPITALS_COUNT_AREA] = PMJAY_HOSPITALS_COUNT(IN_AREA),
    [SQL_PMJAY_HOSPITALS_COUNT_DISTRICT] = PMJAY_HOSPITALS_COUNT(IN_DISTRICT),
    [SQL_PMJAY_HOSPITALS_COUNT_STATE] = PMJAY_HOSPITALS_COUNT(IN_STATE),
    [SQL_PMJAY_DISTRICT_NEW] = "INSERT INTO pmjay_district VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_PMJAY_FAMILY_NEW] = "INSERT INTO pmjay_family VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_PMJAY_BENEFICIARY_NEW] = "INSERT INTO pmjay_beneficiary VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_PMJAY_HOSPITAL_NEW] = "INSERT INTO pmjay_hospital VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SQL_PMJAY_HOSPITAL_SPECIALITY_NEW] =
	"INSERT OR IGNORE INTO pmjay_hospital_speciality VALUES (?1, ?2)",
    [SQL_PMJAY_IS_EMPTY] = "SELECT NOT EXISTS (SELECT 1 FROM pmjay_district)",

    [SQL_GRIEVANCE_NEW] = "INSERT INTO grievance (service, msisdn, topic, text, lang, state, level, "
			  "created_at, level_at, due)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, 'OPEN', ?6, ?7, ?7, ?8)",
    [SQL_GRIEVANCE_GET] = "SELECT " GRIEVANCE_COLUMNS " FROM grievance WHERE ticket = ?1",
    [SQL_GRIEVANCE_LATEST] =
	"SELECT " GRIEVANCE_COLUMNS " FROM grievance WHERE msisdn = ?1 AND service = ?2"
	" ORDER BY ticket DESC LIMIT 1",
    [SQL_GRIEVANCE_RESOLVE] = "UPDATE grievance SET state = 'RESOLVED', resolved_at = ?2, answer = ?3"
			      " WHERE ticket = ?1",
    [SQL_GRIEVANCE_LEVEL] =
	"UPDATE grievance SET level = ?2, level_at = ?3, due = ?4 WHERE ticket = ?1",

    [SQL_NIR_NEW] =
	"INSERT INTO niramaya_application (msisdn, kind, category, disability, state, lang, status,"
	" received, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_NIR_GET] = "SELECT " NIR_COLUMNS " FROM niramaya_application WHERE ref = ?1",
    [SQL_NIR_LATEST] = "SELECT " NIR_COLUMNS " FROM niramaya_application WHERE msisdn = ?1"
		       " AND (?2 = 0 OR card > 0) ORDER BY ref DESC LIMIT 1",
    [SQL_NIR_PUT] =
	"UPDATE niramaya_application SET status = ?2, missing = ?3, reason = ?4, docs = ?5, asked = ?6,"
	" decided = ?7, card = ?8, start = ?9, valid_to = ?10, next_due = ?11, told = ?12,"
	" updated_at = ?13 WHERE ref = ?1",
    [SQL_NIR_LOG] = "INSERT INTO niramaya_log (ref, at, status, detail) VALUES (?1, ?2, ?3, ?4)",
    [SQL_NIR_NEXT_DUE] = "SELECT min(next_due) FROM niramaya_application WHERE next_due > 0",
    [SQL_NIR_DUE] = "SELECT ref FROM niramaya_application WHERE next_due > 0 AND next_due <= ?1 ORDER "
		    "BY next_due LIMIT 1",
    /* Of what was received in a half-year: days from ?1 to ?2, both inside. */
    [SQL_NIR_HEADS] =
	"SELECT 'category', category, count(*) FROM niramaya_application WHERE received BETWEEN ?1 AND "
	"?2"
	" GROUP BY 2 UNION ALL SELECT 'disability', disability, count(*) FROM niramaya_application"
	" WHERE received BETWEEN ?1 AND ?2 GROUP BY 2 UNION ALL SELECT 'kind', kind, count(*)"
	" FROM niramaya_application WHERE received BETWEEN ?1 AND ?2 GROUP BY 2",
    /* What happened in it: instants, the end excluded. */
    [SQL_NIR_HAPPENED] = "SELECT status, detail, count(*) FROM niramaya_log WHERE at >= ?1 AND at < ?2"
			 " GROUP BY 1, 2",
    [SQL_NIR_KPI] =
	"SELECT coalesce(sum(card > 0 AND card <= received + ?3), 0),"
	" coalesce(sum(card > received + ?3), 0),"
	" coalesce(sum(card = 0 AND status NOT IN ('REJECTED', 'LAPSED') AND ?4 > received + ?3), 0)"
	" FROM niramaya_application WHERE received BETWEEN ?1 AND ?2",
    [SQL_NIR_CLAIM_NEW] =
	"INSERT INTO niramaya_claim (msisdn, section, sub, status, amount, payable, treated, filed, "
	"due,"
	" missing, reason, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, '', ?11)",
    [SQL_NIR_CLAIM_GET] = "SELECT " NIR_CLAIM_COLUMNS " FROM niramaya_claim WHERE ref = ?1",
    [SQL_NIR_CLAIM_LATEST] =
	"SELECT " NIR_CLAIM_COLUMNS " FROM niramaya_claim WHERE msisdn = ?1 ORDER BY ref DESC LIMIT 1",
    [SQL_CONSENT_NEW] =
	"INSERT INTO consent (msisdn, patient_id, service, act, text_version, channel, lang, at)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_CONSENT_LIST] = "SELECT act, service, text_version, channel, lang, at FROM consent"
			 " WHERE msisdn = ?1 ORDER BY consent_id DESC LIMIT ?2",
    [SQL_WITHDRAWN_NEW] = "INSERT INTO withdrawn VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [SQL_WITHDRAWN_GET] = "SELECT 1 FROM withdrawn WHERE msisdn = ?1",
    [SQL_WITHDRAWN_END] = "DELETE FROM withdrawn WHERE msisdn = ?1",
    [SQL_WRONG_NEW] = "INSERT INTO wrong_number VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    [SQL_WRONG_GET] = "SELECT 1 FROM wrong_number WHERE msisdn = ?1 AND patient_id = ?2",
    [SQL_WRONG_END] = "DELETE FROM wrong_number WHERE msisdn = ?1 AND patient_id = ?2",
    [SQL_WRONG_OF_PATIENT] = "SELECT 1 FROM wrong_number WHERE patient_id = ?1",
    [SQL_PERSON_COUNTS] = "SELECT (SELECT count(*) FROM patient WHERE msisdn = ?1),"
			  " (SELECT count(*) FROM patient WHERE msisdn = ?1 AND phone IS NOT NULL),"
			  " (SELECT count(*) FROM patient WHERE phone = ?1),"
			  " (SELECT count(*) FROM grievance WHERE msisdn = ?1),"
			  " (SELECT count(*) FROM niramaya_application WHERE msisdn = ?1)"
			  " + (SELECT count(*) FROM niramaya_claim WHERE msisdn = ?1)",
    [SQL_PERSON_LIST] =
	"SELECT patient_id, name FROM patient p WHERE msisdn = ?1 AND patient_id > ?3 AND EXISTS"
	" (SELECT 1 FROM registration r WHERE r.patient_id = p.patient_id AND (?2 IS NULL OR r.service"
	" = ?2)" NOT_WRONG ") ORDER BY patient_id LIMIT ?4",
    [SQL_PERSON_PATIENTS] = "SELECT patient_id FROM patient WHERE msisdn = ?1",
    [SQL_PERSON_NOT_WRONG] = "SELECT patient_id FROM patient r WHERE msisdn = ?1" NOT_WRONG,
    [SQL_PERSON_BY_OTHERS] =
	"SELECT patient_id FROM patient WHERE phone = ?1 AND NOT EXISTS (SELECT 1 FROM wrong_number w"
	" WHERE w.patient_id = patient.patient_id AND w.msisdn = ?1)",
    [SQL_PERSON_ASKER] = "SELECT msisdn, service FROM registration WHERE patient_id = ?1"
			 " ORDER BY registered_at DESC LIMIT 1",
    [SQL_PERSON_PHONE] =
	"SELECT phone FROM patient WHERE patient_id = ?1 AND phone IS NOT NULL AND NOT EXISTS (SELECT 1"
	" FROM wrong_number w WHERE w.patient_id = patient.patient_id AND w.msisdn = patient.phone)",
    [SQL_PERSON_PHONE_PUT] = "UPDATE patient SET phone = ?2 WHERE patient_id = ?1",
    [SQL_PERSON_LIVE] = "SELECT " TOKEN_COLUMNS " FROM token WHERE msisdn = ?1 AND state IN"
			" ('WAITING', 'CALLED', 'IN_CONSULT') ORDER BY token_id LIMIT ?2",
    [SQL_PERSON_DROP_EVENTS] = "DELETE FROM event WHERE msisdn = ?1 AND state = 'PENDING'",
    /* Of asker ?1 and the number ?2: reported wrong, other phones that ask for it, asked today. */
    [SQL_PROXY_COUNTS] =
	"SELECT (SELECT count(*) FROM wrong_number WHERE msisdn = ?2),"
	" (SELECT count(DISTINCT msisdn) FROM patient WHERE phone = ?2 AND msisdn <> ?1),"
	" (SELECT count(*) FROM consent WHERE msisdn = ?1 AND act = 'GIVEN_FOR_OTHER' AND at >= ?3)",
    [SQL_ERASE_REGISTRATIONS] = "DELETE FROM registration WHERE patient_id = ?1",
    [SQL_ERASE_MEMBER] = "DELETE FROM member WHERE patient_id = ?1",
    [SQL_ERASE_WRONG] = "DELETE FROM wrong_number WHERE patient_id = ?1",
    [SQL_ERASE_WRONG_NUMBER] = "DELETE FROM wrong_number WHERE msisdn = ?1",
    /* The answer kept for repeats has the name; a repeat must still have no second effect. */
    [SQL_ERASE_ANSWERS] = "UPDATE idempotency SET body = '{}' WHERE body GLOB"
			  " '{\"patient_id\":' || ?1 || ',\"name\"*'",
    /* So have those that the desk got. */
    [SQL_ERASE_DESK_ANSWERS] = "UPDATE idempotency SET body = '{}' WHERE body GLOB"
			       " '*\"msisdn\":\"' || ?1 || '\"*'",
    [SQL_ERASE_TOKENS] = "UPDATE token SET msisdn = printf('%015d', ?1) WHERE patient_id = ?1",
    [SQL_ERASE_PATIENT_BARE] = "DELETE FROM patient WHERE patient_id = ?1 AND NOT EXISTS"
			       " (SELECT 1 FROM token WHERE patient_id = ?1)",
    /* No phone number begins with 0: nothing is ever sent there. */
    [SQL_ERASE_PATIENT_NAME] =
	"UPDATE patient SET msisdn = printf('%015d', ?1), phone = NULL, name = '-', name_folded = '-',"
	" age = 0, sex = 'O', place = NULL WHERE patient_id = ?1",
    [SQL_ERASE_PHONE] = "UPDATE patient SET phone = NULL WHERE phone = ?1",
    [SQL_ERASE_CONSENT] = "UPDATE consent SET msisdn = printf('%015d', patient_id) WHERE msisdn = ?1",
    [SQL_ERASE_EVENTS] = "DELETE FROM event WHERE msisdn = ?1",
    [SQL_ERASE_GRIEVANCES] =
	"UPDATE grievance SET msisdn = '000000000000000', text = '-' WHERE msisdn = ?1",
    [SQL_NIR_CLAIM_PUT] = "UPDATE niramaya_claim SET status = ?2, missing = ?3, reason = ?4, "
			  "updated_at = ?5 WHERE ref = ?1",
};
