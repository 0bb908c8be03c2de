/* SPDX-License-Identifier: BSD-2-Clause */
/* options.h - dakiyad's configuration: one struct, filled from one table (options.c). */
#ifndef DK_OPTIONS_H
#define DK_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "engine/dialogue.h"
#include "engine/retry.h"

struct opt_listen {
	char *listen;
	char *token; /* ops: for /logs; NULL: none */
	int64_t max_body;
};

struct opt_log {
	int level, format;
};

enum dlt_mode { DLT_MODE_STRICT, DLT_MODE_WARN, DLT_MODE_OFF };
struct opt_dlt {
	char *entity_id; /* "": none of this */
	int64_t entity_tag, template_tag, chain_tag, var_max;
	struct conf_list chain; /* char *: telemarketers, the last is the one that delivers */
	bool nul_terminate;
	int mode; /* enum dlt_mode */
};

struct opt_timeouts {
	int64_t ms[MSG_CLASSES]; /* 0: the link's */
};

enum opt_push { OPT_PUSH_OFF, OPT_PUSH_NOTICE, OPT_PUSH_MENU };
struct opt_link {
	char *name, *host;
	int64_t port;
	char *system_id, *password, *system_type, *address_range, *source_addr;
	char *interface_version;
	uint8_t interface_octet; /* made of it: 0x33, 0x34, 0x50 */
	bool tlvs; /* the centre takes optional parameters */
	int64_t bind_ton, bind_npi, source_ton, source_npi, dest_ton,
	    dest_npi; /* source: -1: by what it is */
	int bind; /* transceiver|transmitter|receiver|pair */
	int64_t window, rate, binds, receive_port;
	int64_t response_ms, enquire_ms, connect_ms, reconnect_min_ms, reconnect_max_ms;
	int default_alphabet; /* gsm7|latin1|ascii|ucs2: what data_coding 0 means */
	int alphabet_out; /* gsm7|latin1|ascii|ucs2: what data_coding 0 means to the centre */
	int long_messages; /* udh8|udh16|sar|payload: enum text_split */
	bool gsm7_packed, smart_text;
	struct conf_list national_shift; /* char *: names of text_national_id */
	bool tls, tls_verify;
	char *tls_name, *ca_file, *cert_file, *key_file;
	struct opt_dlt *dlt; /* never NULL once read */
	struct conf_list receipts; /* classes, or all, none */
	unsigned receipt_classes; /* bit a class; made of it */
	struct conf_list errors; /* status or range, action */
	struct retry_rules rules; /* made of it; owned */
	char *ussd, *ussd_code, *ussd_from; /* profile; NULL: no USSD */
	int ussd_push; /* enum opt_push */
	int64_t ussd_push_ms;
	char *http; /* profile: the link is a provider's HTTP interface; NULL: SMPP */
	char *url, *user, *key, *public_url, *listen, *path, *report_path; /* never NULL, but key */
	char *secret, *token, *basic; /* NULL: not asked for */
	struct conf_list allow; /* networks; none: any */
	struct conf_list values; /* name, value */
	struct opt_timeouts *timeouts; /* never NULL */
};

struct opt_route {
	struct conf_list prefix, class, header; /* empty: any */
	struct conf_list links, backup; /* names */
};

struct opt_backend {
	char *name, *url, *secret;
	int64_t timeout_ms, attempts, trip_after, pause_ms, pause_max_ms;
};

struct opt_ussd { /* USSD over HTTP */
	char *name, *listen, *path, *profile, *code, *sms_link, *sms_from, *user, *password;
	struct conf_list allow; /* char * */
};

struct opt_otp {
	char *secret; /* NULL: one of our own, kept in state_dir */
	int64_t life_ms, attempts, resend_ms, burst, burst_ms, day, prefix_digits, prefix, prefix_ms;
};

struct opt_reminders {
	char *quiet_hours, *time_zone;
	int64_t per_day, per_person, persons;
};

struct opt_limits {
	int64_t turns, queue, inbox, outbox, dead, connections;
};

struct options {
	char *state_dir, *redis, *port_file, *instance;
	int appendfsync; /* everysec|always */
	int64_t peer_timeout_ms, partitions, drain_ms, redis_timeout_ms, event_window_ms;
	int64_t parts_wait_ms;
	struct conf_list services; /* char * */
	struct conf_list links; /* struct opt_link * */
	struct conf_list routes; /* struct opt_route * */
	struct conf_list backends; /* struct opt_backend * */
	char *ussd_profiles, *sms_profiles;
	struct conf_list ussd; /* struct opt_ussd * */
	struct opt_listen *events, *ops; /* never NULL, as log and limits */
	struct opt_log *log;
	struct opt_otp *otp;
	struct opt_limits *limits;
	struct opt_reminders *reminders;
};

extern const struct conf_row options_rows[];

/* Read and check everything that can be checked without starting: types, limits, names used
 * twice. Each mistake is a line in err. */
bool options_read(const char *name, struct sv text, struct options *out, struct buf *err) MUSTUSE;
void options_clear(struct options *o);

#endif
