/* SPDX-License-Identifier: BSD-2-Clause */
/* sql.h - every SQL text of the backend: the numbered migrations and the statements, which
 * are prepared once when the database is opened. */
#ifndef DK_BACKEND_SQL_H
#define DK_BACKEND_SQL_H

#include <stddef.h>

struct sql_migration {
	const char *name;
	const char *sql;
};
/* Number i + 1 each. Never changed once released: a change is a new one at the end. */
extern const struct sql_migration sql_migrations[];
extern const size_t sql_n_migrations;

enum sql_id {
	SQL_BEGIN,
	SQL_BEGIN_WRITE,
	SQL_COMMIT,
	SQL_ROLLBACK,
	/* registry */
	SQL_PATIENT_BY_NAME,
	SQL_PATIENT_NEW,
	SQL_PATIENT_UPDATE,
	SQL_REG_GET,
	SQL_REG_NEW,
	SQL_REG_UPDATE,
	SQL_REG_LATEST,
	SQL_REG_BY_PATIENT,
	SQL_PATIENT_GET,
	/* queue */
	SQL_NUMBER_NEXT,
	SQL_TOKEN_NEW,
	SQL_TOKEN_GET,
	SQL_TOKEN_LIVE_OF_PATIENT,
	SQL_TOKEN_CURRENT,
	SQL_TOKEN_GO,
	SQL_TOKEN_LOG,
	SQL_TOKEN_ORD,
	SQL_TOKEN_TOLD,
	SQL_QUEUE_AHEAD,
	SQL_QUEUE_NTH,
	SQL_QUEUE_LAST_ORD,
	SQL_QUEUE_MAKE_ROOM,
	SQL_QUEUE_DUE,
	SQL_QUEUE_NEXT_DUE,
	SQL_QUEUE_COUNTS,
	SQL_QUEUE_LIST,
	SQL_RX_NEW,
	SQL_RX_GET,
	/* events */
	SQL_EVENT_NEW,
	SQL_EVENT_DUE,
	SQL_EVENT_NEXT_DUE,
	SQL_EVENT_DONE,
	SQL_EVENT_NEXT_HEAD,
	SQL_EVENT_FAILED,
	SQL_EVENT_RETRY_ALL,
	SQL_EVENT_COUNTS,
	SQL_EVENT_PURGE,
	/* idempotency */
	SQL_IDEM_GET,
	SQL_IDEM_PUT,
	SQL_IDEM_PURGE,
	/* PM-JAY */
	SQL_PMJAY_FAMILIES,
	SQL_PMJAY_FAMILY_COUNTS,
	SQL_PMJAY_DISTRICT,
	SQL_PMJAY_DISTRICT_BEGINS,
	SQL_PMJAY_HOSPITALS,
	SQL_PMJAY_HOSPITALS_COUNT,
	SQL_PMJAY_DISTRICT_NEW,
	SQL_PMJAY_FAMILY_NEW,
	SQL_PMJAY_BENEFICIARY_NEW,
	SQL_PMJAY_HOSPITAL_NEW,
	SQL_PMJAY_HOSPITAL_SPECIALITY_NEW,
	SQL_PMJAY_IS_EMPTY,
	/* grievances */
	SQL_GRIEVANCE_NEW,
	SQL_GRIEVANCE_GET,
	SQL_GRIEVANCE_LATEST,
	SQL_GRIEVANCE_RESOLVE,
	SQL_GRIEVANCE_LEVEL,
	SQL_N
};
extern const char *const sql_text[SQL_N];

#endif
