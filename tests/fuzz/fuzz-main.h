/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef FUZZ_MAIN_H
#define FUZZ_MAIN_H 1

/* What a fuzz target has: fuzz_one(), called with one input after the other by
 * fuzz-main.c or fuzz-libfuzzer.c.  It aborts if something is wrong. */

#include <stddef.h>
#include <stdint.h>

void fuzz_one(const uint8_t *data, size_t size);

#endif /* tests/fuzz/fuzz-main.h */
