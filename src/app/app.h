/* SPDX-License-Identifier: BSD-2-Clause */
/* app.h - where the pure engine meets the outside. Follow one message:
 *
 *   net callback ──▶ ev_in.c ──▶ app_feed(turn, event) ──▶ engine turn_step ──▶ fx_run.c
 *
 *   phone ─deliver_sm─▶ on_deliver ─START──────▶ FX_ACCEPT ─▶ store.accept
 *                       on_accepted ─ACCEPTED──▶ FX_STORED ─▶ deliver_sm_resp OK
 *                                                FX_LINE ───▶ first in the person's line: GO
 *                                     GO ──────▶ FX_CALL ───▶ backend_call.c ─▶ http_out
 *                       on_http_done ─ANSWER───▶ FX_COMMIT ─▶ store.commit
 *                       on_committed ─COMMITTED▶ FX_SEND ───▶ lanes
 *   phone ◀─submit_sm── sender.c: sender_pump ◀─ lanes_next
 *                       on_submitted: OK ─▶ store.sent; else retry.c decides
 *
 * Everything that waits is found by id when its completion comes (await.h); what is done is
 * marked and freed after the loop turn (app_reap). */
#ifndef DK_APP_H
#define DK_APP_H

#include <stdbool.h>

#include "base/buf.h"
#include "engine/dialogue.h"
#include "options.h"

struct event_base;
struct app;

/* Read and compile the packs named in the options. NULL: every mistake stands in err. Warnings
 * in warn. */
struct packs *app_read_packs(const struct options *o, struct buf *err, struct buf *warn) MUSTUSE;

/* Start everything in order; o is borrowed for the life of the app, packs belong to it. NULL: err says in
 * one sentence what could not be started. */
struct app *app_new(struct event_base *base, const struct options *o, struct packs *packs,
    struct buf *err) MUSTUSE;
/* From the next message on; what runs ends with the packs it began with. packs belong to the app. */
void app_set_packs(struct app *a, struct packs *packs);
/* Read the certificates of links again, for connections to come. What cannot be read is logged, and
 * the old ones stay. */
void app_renew_tls(struct app *a);
/* Begin to stop: take nothing new, finish what runs, unbind. Calls done when nothing is left or the
 * drain time is over. */
void app_stop(struct app *a, void (*done)(void *), void *arg);
bool app_is_stopping(const struct app *a);
/* Once after each turn of the loop: free what was marked. */
void app_reap(struct app *a);
/* Gives the packs of new turns back. */
struct packs *app_free(struct app *a) MUSTUSE;

#endif
