/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* VNIs to be given out. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "lib/nb-rules.h"
#include "lib/nb-vni.h"
#include "random.h"

static struct nb_vni_pool *
create(const char *ranges)
{
    struct nb_vni_pool *pool;

    assert_null(nb_vni_pool_create(ranges, &pool));
    assert_non_null(pool);
    return pool;
}

/* 'ranges' must be refused for 'reason'. */
static void
assert_bad(const char *ranges, const char *reason)
{
    struct nb_vni_pool *pool;
    char *error = nb_vni_pool_create(ranges, &pool);

    assert_non_null(error);
    assert_null(pool);
    if (!strstr(error, reason)) {
        fail_msg("%s: \"%s\" is not in \"%s\"", ranges, reason, error);
    }
    free(error);
}

static void
test_bad_ranges(void **state OVS_UNUSED)
{
    assert_bad("", "\"\" is not a range FIRST:LAST");
    assert_bad("5", "\"5\" is not a range FIRST:LAST");
    assert_bad("5:", "\"5:\" is not a range");
    assert_bad(":5", "\":5\" is not a range");
    assert_bad("1-5", "\"1-5\" is not a range");
    assert_bad("1:5:9", "\"1:5:9\" is not a range");
    assert_bad("1:5x", "\"1:5x\" is not a range");
    assert_bad("0x1:5", "\"0x1:5\" is not a range");
    assert_bad("-1:5", "\"-1:5\" is not a range");
    assert_bad("1:+5", "\"1:+5\" is not a range");
    assert_bad("1 0:50", "\"1 0:50\" is not a range");
    assert_bad("1:5,", "\"\" is not a range");
    assert_bad("1:5,,9:10", "\"\" is not a range");
    assert_bad("1:5;9:10", "\"1:5;9:10\" is not a range");
    assert_bad("0:5", "0:5 goes beyond the VNIs that there are");
    assert_bad("1:16777216", "from 1 to 16777215");
    assert_bad("1:99999999999999999999999", "from 1 to 16777215");
    assert_bad("99999999999999999999999:5", "ends before it begins");
    assert_bad("9:5", "9:5 ends before it begins");
    assert_bad("1:5,5:9", "the ranges 1:5 and 5:9 overlap");
    assert_bad("100:200,1:9,150:160", "100:200 and 150:160 overlap");
    assert_bad("1:5,1:5", "1:5 and 1:5 overlap");
}

/* Each of the pool's VNIs is taken once, whatever is random, and then there
 * is none. */
static void
assert_takes(struct nb_vni_pool *pool, const int64_t *expected, size_t n)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t vni = nb_vni_pool_take(pool, random_uint32());
        for (size_t j = 0; j < n; j++) {
            if (expected[j] == vni) {
                assert_false(found & (1u << j));
                found |= 1u << j;
            }
        }
    }
    assert_int_equal(found, (1u << n) - 1);
    assert_int_equal(nb_vni_pool_take(pool, 0), 0);
    assert_int_equal(nb_vni_pool_take(pool, UINT32_MAX), 0);
    nb_vni_pool_destroy(pool);
}

static void
test_take(void **state OVS_UNUSED)
{
    static const int64_t vnis[] = { 1, 5, 6, 7, 16777215 };
    struct nb_vni_pool *pool;

    assert_takes(create("1:1,5:7,16777215:16777215"), vnis, 5);
    assert_takes(create(" 5:7, 16777215 : 16777215 ,1:1"), vnis, 5);

    pool = create("1:9,16777215:16777215");
    for (int64_t vni = 2; vni <= 8; vni += 2) {
        nb_vni_pool_remove(pool, vni);
        nb_vni_pool_remove(pool, vni);  /* It is gone already. */
    }
    nb_vni_pool_remove(pool, 0);        /* It never was there. */
    nb_vni_pool_remove(pool, 10);
    nb_vni_pool_remove(pool, 16777214);
    nb_vni_pool_remove(pool, 3);
    nb_vni_pool_remove(pool, 9);
    assert_takes(pool, (const int64_t []) { 1, 5, 7, 16777215 }, 4);
}

/* Which one is taken is random's choice alone: each can be had. */
static void
test_take_any(void **state OVS_UNUSED)
{
    for (uint32_t random = 0; random < 300; random++) {
        struct nb_vni_pool *pool = create("1:100,201:300");

        for (int64_t vni = 11; vni <= 290; vni++) {
            nb_vni_pool_remove(pool, vni);
        }
        int64_t expected = random % 20 + 1;
        assert_int_equal(nb_vni_pool_take(pool, random),
                         expected <= 10 ? expected : expected + 280);
        nb_vni_pool_destroy(pool);
    }
}

/* All the VNIs that there are: each once. */
static void
test_take_all(void **state OVS_UNUSED)
{
    struct nb_vni_pool *pool = create("1:16777215");
    unsigned long *seen = bitmap_allocate(NB_VNI_MAX + 1);

    for (int64_t vni = 1; vni <= NB_VNI_MAX; vni++) {
        if (vni % 65536) {
            nb_vni_pool_remove(pool, vni);
        }
    }
    for (int i = 0; i < NB_VNI_MAX / 65536; i++) {
        int64_t vni = nb_vni_pool_take(pool, random_uint32());

        assert_int_equal(vni % 65536, 0);
        assert_false(bitmap_is_set(seen, vni));
        bitmap_set1(seen, vni);
    }
    assert_int_equal(nb_vni_pool_take(pool, 0), 0);
    bitmap_free(seen);
    nb_vni_pool_destroy(pool);
}

static void
test_guess(void **state OVS_UNUSED)
{
    struct nb_vni_pool *pool = create("10:19,30:39");
    bool seen[40] = { false };

    for (uint32_t seed = 0; seed < 100; seed++) {
        for (unsigned int i = 0; i < NB_VNI_GUESSES; i++) {
            int64_t vni = nb_vni_pool_guess(pool, seed, i);

            assert_true((vni >= 10 && vni <= 19) || (vni >= 30 && vni <= 39));
            assert_int_equal(vni, nb_vni_pool_guess(pool, seed, i));
            seen[vni] = true;
        }
    }
    for (int i = 0; i < 10; i++) {
        assert_true(seen[10 + i] && seen[30 + i]);
    }
    nb_vni_pool_destroy(pool);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_ranges),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_take_any),
        cmocka_unit_test(test_take_all),
        cmocka_unit_test(test_guess),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
