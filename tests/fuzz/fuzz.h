/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.h - what a fuzz target needs to state its property. */
#ifndef DK_FUZZ_H
#define DK_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/sv.h"
#include "base/xmalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A property that must hold for every input, in release builds too. */
#define MUST(claim) \
	do { \
		if (!(claim)) { \
			fprintf(stderr, "%s:%d: this does not hold: %s\n", __FILE__, __LINE__, \
			    #claim); \
			abort(); \
		} \
	} while (0)

#endif
