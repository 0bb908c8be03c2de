/* SPDX-License-Identifier: BSD-2-Clause */
/* test_backend_random.c - random days at the desk against the plainest model of a line, an
 * array: no number twice in a day, nobody overtaken, every place right, one live token a person. */
#include "backend_test.h"

#define PEOPLE 40
#define STEPS 4000

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % below;
}

/* The same line kept in the plainest way: an array of token ids. */
struct model {
	int64_t line[PEOPLE], out[PEOPLE]; /* waiting in order; called or talking */
	int n_line, n_out;
	int64_t last_number, day;
	bool is_closed; /* by the desk, for today */
};

static void remove_at(int64_t *v, int *n, int i)
{
	memmove(v + i, v + i + 1, (size_t)(*n - i - 1) * sizeof *v);
	(*n)--;
}

static int find(const int64_t *v, int n, int64_t id)
{
	for (int i = 0; i < n; i++)
		if (v[i] == id)
			return i;
	return -1;
}

static void step_issue(struct fixture *f, struct model *m, int64_t now)
{
	int n = (int)draw(PEOPLE);
	int64_t id = person(f, "opd", n, now);
	struct token t;
	enum queue_rc rc =
	    queue_issue(&f->q, rules_find(f->rules, "opd", now), id, phone_of(n), "AUDIO", now, &t);

	if (rc == QUEUE_EXISTING) { /* at most one live token a person */
		assert_true(find(m->line, m->n_line, t.token_id) >= 0 ||
			    find(m->out, m->n_out, t.token_id) >= 0);
		return;
	}
	assert_int_equal(rc, m->is_closed ? QUEUE_CLOSED : QUEUE_OK);
	if (m->is_closed)
		return;
	assert_int_equal(t.number, m->last_number + 1); /* no number twice in a day */
	m->last_number = t.number;
	m->line[m->n_line++] = t.token_id;
}

static void step_desk(struct fixture *f, struct model *m, int64_t now)
{
	struct token t;
	int i;

	if (draw(3) > 0 || m->n_out == 0) {
		enum queue_rc rc = queue_call_next(&f->q, "opd", now, &t);

		assert_int_equal(rc, m->is_closed ? QUEUE_CLOSED : m->n_line ? QUEUE_OK : QUEUE_EMPTY);
		if (rc == QUEUE_OK) { /* nobody is overtaken */
			assert_int_equal(t.token_id, m->line[0]);
			remove_at(m->line, &m->n_line, 0);
			m->out[m->n_out++] = t.token_id;
		}
		return;
	}
	i = (int)draw((uint32_t)m->n_out);
	t = get(f, m->out[i]);
	if (t.state == TOKEN_CALLED && draw(2)) {
		assert_int_equal(queue_missed(&f->q, &t, now), QUEUE_OK);
		remove_at(m->out, &m->n_out, i);
		if (t.state == TOKEN_WAITING) {
			int place = m->n_line > 0 ? 1 : 0;

			memmove(m->line + place + 1, m->line + place,
			    (size_t)(m->n_line - place) * sizeof m->line[0]);
			m->line[place] = t.token_id;
			m->n_line++;
		} else {
			assert_int_equal(t.missed, 3);
		}
	} else {
		assert_int_equal(queue_used(&f->q, &t, draw(2), now, NULL), QUEUE_OK);
		remove_at(m->out, &m->n_out, i);
	}
}

/* The day is closed, and opened again soon: who waited is out, who was called is not. */
static void step_close(struct fixture *f, struct model *m, int64_t now)
{
	if (m->is_closed) {
		queue_reopen(&f->q, "opd", now);
		m->is_closed = false;
	} else if (draw(20) == 0) {
		assert_int_equal(queue_close(&f->q, "opd", now), m->n_line);
		m->n_line = 0;
		m->is_closed = true;
	}
}

static void step_person(struct fixture *f, struct model *m, int64_t now)
{
	int n = (int)draw(PEOPLE);
	struct token t;
	int in_line, in_out;

	if (queue_current(&f->q, "opd", phone_of(n), 0, 0, now, &t) != QUEUE_OK)
		return;
	in_line = find(m->line, m->n_line, t.token_id);
	in_out = find(m->out, m->n_out, t.token_id);
	assert_int_equal(t.state == TOKEN_WAITING, in_line >= 0);
	if (draw(4) > 0) {
		enum queue_rc rc = queue_patient_call(&f->q, &t, now);

		if (in_line >= 0)
			assert_int_equal(rc, QUEUE_NOT_TURN);
		else if (in_out < 0)
			assert_int_not_equal(rc, QUEUE_OK);
		return;
	}
	if (queue_cancel(&f->q, &t, now) != QUEUE_OK)
		return;
	assert_true(in_line >= 0 || in_out >= 0);
	if (in_line >= 0)
		remove_at(m->line, &m->n_line, in_line);
	else
		remove_at(m->out, &m->n_out, in_out);
}

static void check(struct fixture *f, const struct model *m, int64_t now)
{
	struct queue_counts c = queue_counts(&f->q, "opd");

	assert_int_equal(c.waiting, m->n_line);
	assert_int_equal(c.called + c.in_consult, m->n_out);
	for (int i = 0; i < m->n_line; i++)
		assert_int_equal(position(f, m->line[i], now), i + 1);
}

static void random_day(struct fixture *f, uint32_t first_seed)
{
	struct model m = {0};
	int64_t now = at("2024-05-10T08:00:00+05:30");

	seed = first_seed;
	print_message("seed %u\n", (unsigned)first_seed);
	for (int i = 0; i < STEPS; i++) {
		now += draw(30000);
		if (ist_day(now) != m.day) { /* midnight: the line is empty, numbers begin anew */
			while (queue_tick(&f->q, now, 7) == 7)
				;
			m = (struct model){.day = ist_day(now)};
		}
		switch (draw(7)) {
		case 0:
		case 1:
			step_issue(f, &m, now);
			break;
		case 2:
		case 3:
			step_desk(f, &m, now);
			break;
		case 4:
			step_close(f, &m, now);
			break;
		default:
			step_person(f, &m, now);
			break;
		}
		check(f, &m, now);
		assert_false(db_failed(f->db));
	}
}

static void positions_are_always_right_and_nobody_is_overtaken(void **state)
{
	struct fixture *f = *state;

	random_day(f, 20240510u);
}

static void every_change_of_state_is_in_the_log(void **state)
{
	struct fixture *f = *state;

	random_day(f, 7u);
	assert_true(db_commit(f->db));
	/* The last entry of each token's log is its state, and each begins where the one before ended. */
	assert_int_equal(
	    ask(f->path, "SELECT count(*) FROM token JOIN token_log l USING (token_id) WHERE l.log_id ="
			 " (SELECT max(log_id) FROM token_log x WHERE x.token_id = token.token_id)"
			 " AND l.to_state <> token.state"),
	    0);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM (SELECT from_state, lag(to_state, 1, 'WAITING') OVER"
			     " (PARTITION BY token_id ORDER BY log_id) AS before FROM token_log)"
			     " WHERE before <> from_state"),
	    0);
	assert_true(ask(f->path, "SELECT count(*) FROM token_log") > 500);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM (SELECT 1 FROM token GROUP BY service, day, number"
			     " HAVING count(*) > 1)"),
	    0);
	db_begin(f->db, true);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(positions_are_always_right_and_nobody_is_overtaken,
		open_calendar, close_fixture),
	    cmocka_unit_test_setup_teardown(every_change_of_state_is_in_the_log, open_calendar,
		close_fixture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
