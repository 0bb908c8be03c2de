/* SPDX-License-Identifier: BSD-2-Clause */
/* otp.c - one-time codes: sending one and trying one, for packs (backend_call.c hands their calls to
 * @bridge to otp_call) and for portals (otp_in.c). The state is in the store; no code is kept, logged or
 * counted under. docs/internals/otp.md has the whole. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/app_int.h"
#include "app/otp_code.h"
#include "base/clock.h"

#define SECRET_MIN 16u

struct otp {
	struct store_otp_limits limits;
	unsigned prefix_digits;
	char *secret; /* owned */
};

/* One request on its way through the store. */
struct ask {
	struct app *a;
	otp_done_fn *fn;
	void *arg;
	char msisdn[16];
	struct otp_result r;
};

static struct sv secret_of(const struct app *a)
{
	return sv_from(a->otp->secret);
}

/* ---- start ---- */

/* Made once and kept beside the embedded Redis, so that codes outlive a restart. */
static char *own_secret(const char *dir)
{
	char *path = xasprintf("%s/otp.secret", dir), text[65] = "";
	unsigned char chance[32];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ssize_t n = fd >= 0 ? read(fd, text, 64) : -1;

	if (n != 64) {
		if (RAND_bytes(chance, sizeof chance) != 1)
			abort();
		for (size_t i = 0; i < sizeof chance; i++)
			(void)snprintf(text + 2 * i, 3, "%02x", chance[i]);
		if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, text, 64, 0) != 64 || fsync(fd) != 0)
			LOG(NULL, LOG_WARN, "otp secret not kept",
			    "file=%s reason=\"%s\" hint=\"set otp.secret_file\"", path,
			    strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return xstrdup(text);
}

bool otp_start(struct app *a, struct buf *err)
{
	const struct opt_otp *o = a->opt->otp;

	if (o->secret && strlen(o->secret) < SECRET_MIN) {
		buf_addf(err, "otp: a secret has at least %u characters\n", SECRET_MIN);
		return false;
	}
	a->otp = xcalloc(1, sizeof(*a->otp));
	a->otp->limits = (struct store_otp_limits){
	    .life_ms = (uint64_t)o->life_ms,
	    .resend_ms = (uint64_t)o->resend_ms,
	    .burst = (uint64_t)o->burst,
	    .burst_ms = (uint64_t)o->burst_ms,
	    .day = (uint64_t)o->day,
	    .day_ms = 24ull * 3600 * 1000,
	    .attempts = (uint64_t)o->attempts,
	    .prefix = (uint64_t)o->prefix,
	    .prefix_ms = (uint64_t)o->prefix_ms,
	};
	a->otp->prefix_digits = (unsigned)o->prefix_digits;
	a->otp->secret = o->secret ? xstrdup(o->secret) : own_secret(a->opt->state_dir);
	return true;
}

void otp_free(struct app *a)
{
	if (!a->otp)
		return;
	OPENSSL_cleanse(a->otp->secret, strlen(a->otp->secret));
	free(a->otp->secret);
	free(a->otp);
	a->otp = NULL;
}

/* ---- requests ---- */

static void end(struct ask *k, int status, const char *code)
{
	k->r.status = status;
	k->r.code = code;
	metrics_add(k->a->metrics, M_OTP, 1, code ? code : status == 200 ? "verified" : "sent", NULL);
	k->fn(&k->r, k->arg);
	free(k);
}

static struct ask *ask_new(struct app *a, const char *msisdn, otp_done_fn *fn, void *arg)
{
	struct ask *k = xcalloc(1, sizeof *k);

	k->a = a;
	k->fn = fn;
	k->arg = arg;
	(void)snprintf(k->msisdn, sizeof k->msisdn, "%s", msisdn);
	return k;
}

static void on_counted(const struct store_done *d, void *arg)
{
	struct ask *k = arg;

	if (d->rc == STORE_OK) {
		end(k, 202, NULL);
	} else if (d->rc == STORE_FULL) {
		k->r.wait_ms = d->version;
		k->r.is_live = false;
		end(k, 429, "otp-limit");
	} else {
		end(k, 503, "try-again");
	}
}

static void count_prefix(struct ask *k)
{
	struct app *a = k->a;
	char prefix[16];
	struct store_otp o = {.kind = STORE_OTP_COUNT, .msisdn = prefix, .limits = &a->otp->limits};

	(void)snprintf(prefix, sizeof prefix, "%.*s", (int)a->otp->prefix_digits, k->msisdn);
	a->store->ops->otp(a->store, &o, on_counted, k);
}

static void on_issued(const struct store_done *d, void *arg)
{
	struct ask *k = arg;

	switch (d->rc) {
	case STORE_OK:
		(void)snprintf(k->r.seal, sizeof k->r.seal, SV_FMT, SV_ARG(d->record));
		k->r.expires_ms = d->version;
		count_prefix(k);
		return;
	case STORE_DUPLICATE:
	case STORE_FULL:
		k->r.wait_ms = d->version;
		k->r.is_live = d->record.n > 0;
		end(k, 429, d->rc == STORE_FULL ? "otp-limit" : "otp-too-soon");
		return;
	case STORE_CLASH:
	case STORE_NONE:
	case STORE_AWAY:
		break;
	}
	end(k, 503, "try-again");
}

void otp_send(struct app *a, const char *msisdn, struct sv purpose, struct sv id, otp_done_fn *fn,
    void *arg)
{
	struct ask *k = ask_new(a, msisdn, fn, arg);
	unsigned char chance[OTP_CHANCE_OCTETS];
	char seal[OTP_SEAL_CAP], code[OTP_CODE_CAP], mac[OTP_MAC_CAP];
	struct store_otp o = {.kind = STORE_OTP_ISSUE,
	    .msisdn = k->msisdn,
	    .purpose = purpose,
	    .id = id,
	    .now_ms = clock_wall_ms(),
	    .limits = &a->otp->limits};

	if (RAND_bytes(chance, sizeof chance) != 1)
		abort();
	otp_seal(chance, seal);
	otp_code(secret_of(a), sv_from(seal), k->msisdn, code);
	otp_mac(secret_of(a), sv_from(code), k->msisdn, purpose, mac);
	OPENSSL_cleanse(code, sizeof code);
	o.seal = sv_from(seal);
	o.mac = sv_from(mac);
	a->store->ops->otp(a->store, &o, on_issued, k);
}

static void on_tried(const struct store_done *d, void *arg)
{
	struct ask *k = arg;

	switch (d->rc) {
	case STORE_OK:
		k->r.verified_ms = d->version;
		end(k, 200, NULL);
		return;
	case STORE_CLASH:
		k->r.attempts_left = (unsigned)d->version;
		end(k, 422, "otp-wrong");
		return;
	case STORE_NONE:
		end(k, 410, "otp-over");
		return;
	case STORE_DUPLICATE:
	case STORE_FULL:
	case STORE_AWAY:
		break;
	}
	end(k, 503, "try-again");
}

void otp_try(struct app *a, const char *msisdn, struct sv purpose, struct sv id, struct sv code,
    otp_done_fn *fn, void *arg)
{
	struct ask *k = ask_new(a, msisdn, fn, arg);
	char mac[OTP_MAC_CAP];
	struct store_otp o = {.kind = STORE_OTP_TRY,
	    .msisdn = k->msisdn,
	    .purpose = purpose,
	    .id = id,
	    .now_ms = clock_wall_ms(),
	    .limits = &a->otp->limits};

	otp_mac(secret_of(a), code, k->msisdn, purpose, mac);
	o.mac = sv_from(mac);
	a->store->ops->otp(a->store, &o, on_tried, k);
}

/* ---- what is said of them ---- */

json_t *otp_time_json(uint64_t wall_ms)
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm tm;
	char text[32];

	if (!gmtime_r(&s, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}

static json_t *answer_json(const struct otp_result *r)
{
	switch (r->status) {
	case 202:
		return json_pack("{s:s, s:I}", "seal", r->seal, "expires_ms",
		    (json_int_t)r->expires_ms);
	case 200:
		return json_pack("{s:o}", "verified_at", otp_time_json(r->verified_ms));
	default:
		return json_pack("{s:s, s:b}", "code", r->code, "live", r->is_live);
	}
}

/* ---- calls of packs ---- */

static void on_call_done(const struct otp_result *r, void *arg)
{
	struct await *w = arg;
	struct live_turn *lt = app_turn(w->a, w->id);
	json_t *body = answer_json(r);

	if (lt && lt->t->state == TURN_CALLING)
		app_feed(w->a, lt,
		    &(struct turn_ev){.kind = TURN_EV_ANSWER,
			.away = r->status == 503,
			.status = r->status,
			.body = body});
	json_decref(body);
	await_free(w);
}

void otp_call(struct app *a, struct live_turn *lt)
{
	const struct call *c = &lt->t->call;
	struct await *w = await_new(a, lt->id, 0);
	json_t *body = json_loads(c->body, 0, NULL);
	const char *msisdn = json_string_value(json_object_get(body, "msisdn"));
	const char *purpose = json_string_value(json_object_get(body, "purpose"));
	const char *code = json_string_value(json_object_get(body, "code"));

	if (!msisdn || !purpose)
		on_call_done(&(struct otp_result){.status = 503, .code = "try-again"}, w);
	else if (code)
		otp_try(a, msisdn, sv_from(purpose), sv_from(c->key), sv_from(code), on_call_done, w);
	else
		otp_send(a, msisdn, sv_from(purpose), sv_from(c->key), on_call_done, w);
	json_decref(body);
}

/* ---- the message leaves ---- */

bool otp_reveal(const struct app *a, const char *msisdn, struct sv seal, struct sv text,
    struct buf *out)
{
	char code[OTP_CODE_CAP];
	bool ok;

	otp_code(secret_of(a), seal, msisdn, code);
	ok = otp_fill(text, code, out);
	OPENSSL_cleanse(code, sizeof code);
	return ok;
}
