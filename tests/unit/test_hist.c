/* SPDX-License-Identifier: BSD-2-Clause */
/* test_hist.c - percentiles from logarithmic buckets, against the same from all values sorted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "load/hist.h"

#define VALUES 20000u

static struct hist h; /* large */

static void small_values_are_exact(void **state)
{
	(void)state;
	hist_reset(&h);
	assert_int_equal(hist_quantile(&h, 0.5), 0);
	for (uint64_t v = 1; v <= 100; v++)
		hist_add(&h, v);
	assert_int_equal(hist_quantile(&h, 0.5), 50);
	assert_int_equal(hist_quantile(&h, 0.99), 99);
	assert_int_equal(hist_quantile(&h, 0.991), 100);
	assert_int_equal(hist_quantile(&h, 1.0), 100);
	assert_int_equal(hist_quantile(&h, 0.0), 1);
	assert_int_equal(h.sum, 5050);
}

static void any_value_is_within_one_part_in_128(void **state)
{
	(void)state;
	for (uint64_t v = 1; v < HIST_MAX_US; v += 1 + v / 3) {
		uint64_t got;

		hist_reset(&h);
		hist_add(&h, v);
		assert_int_equal(hist_quantile(&h, 1.0), v);
		hist_add(&h, HIST_MAX_US);
		got = hist_quantile(&h, 0.5);
		assert_true(got >= v);
		assert_true(got - v <= v / 128);
	}
	hist_reset(&h);
	hist_add(&h, UINT64_MAX);
	assert_int_equal(hist_quantile(&h, 1.0), HIST_MAX_US);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void percentiles_agree_with_sorting(void **state)
{
	static const double qs[] = {0.01, 0.5, 0.9, 0.99, 0.999, 1.0};
	static uint64_t v[VALUES];
	uint64_t seed = 42;

	(void)state;
	hist_reset(&h);
	for (size_t i = 0; i < VALUES; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		v[i] = (seed >> 40) % (1u << (i % 20 + 1));
		hist_add(&h, v[i]);
	}
	qsort(v, VALUES, sizeof(v[0]), by_value);
	for (size_t i = 0; i < sizeof(qs) / sizeof(qs[0]); i++) {
		uint64_t want = v[(size_t)(qs[i] * VALUES) - 1], got = hist_quantile(&h, qs[i]);

		assert_true(got >= want);
		assert_true(got - want <= want / 128 + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(small_values_are_exact),
	    cmocka_unit_test(any_value_is_within_one_part_in_128),
	    cmocka_unit_test(percentiles_agree_with_sorting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
