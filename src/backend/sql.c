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
/* What a hospital is paid, of the fields that it has. */
#define PMJAY_RATES \
	" FROM pmjay_rate r JOIN pmjay_package p USING (code) JOIN pmjay_hospital_speciality s ON" \
	" s.hospital_id = r.hospital_id AND s.code = p.speciality WHERE r.hospital_id = ?1 AND ?2 IN" \
	" ('ANY', p.speciality)"
#define PMJAY_HOSPITALS_COUNT(where) "SELECT count(*) FROM pmjay_hospital_find WHERE " where
#define IN_STATE "state = ?3 AND code = ?4"
#define IN_DISTRICT "district_id = ?2 AND code = ?4"
/* Near a PIN code: its first three digits are an area. */
#define IN_AREA "area = ?1 / 1000 AND code = ?4"
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
	/* In turn: who asks for each that is named has heard of all. */
	" THEN 1 ELSE 2 END, service < ?2, service, token_id DESC LIMIT 1",
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
    [SQL_PMJAY_HOSPITAL] = "SELECT name_en, name_hi, pin FROM pmjay_hospital WHERE hospital_id = ?1"
			   " AND status = 'ACTIVE'",
    [SQL_PMJAY_RATES] = "SELECT r.code, p.speciality, p.name_en, p.name_hi, r.rate_rs" PMJAY_RATES
			" ORDER BY r.code LIMIT ?3 OFFSET ?4",
    [SQL_PMJAY_RATES_COUNT] = "SELECT count(*)" PMJAY_RATES,
    [SQL_PMJAY_PACKAGE_NEW] = "INSERT INTO pmjay_package VALUES (?1, ?2, ?3, ?4)",
    [SQL_PMJAY_RATE_NEW] = "INSERT OR IGNORE INTO pmjay_rate VALUES (?1, ?2, ?3)",
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
