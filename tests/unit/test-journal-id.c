/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Ids of events, which of them can be resumed after, and names of verbs. */

#include <config.h>

#include "unit.h"

#include <string.h>

#include "journal-fixture.h"

static void
ids(void **state OVS_UNUSED)
{
    static const char *const bad[] = {
        "", "0", "-", "0123abcd", "0123abcd-", "0123abc-1", "0123abcde-1",
        "0123ABCD-1", "0123abcd-+1", "0123abcd--1", "0123abcd- 1",
        "0123abcd-01", "0123abcd-1 ", "0123abcd-1x", "0123abcg-1",
        " 123abcd-1",
        "0123abcd-18446744073709551616", "0x23abcd-1",
    };
    char id[JOURNAL_ID_SIZE];
    uint32_t uuid = 0;
    uint64_t seq = 0;

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        if (journal_id_parse(bad[i], &uuid, &seq)) {
            fail_msg("\"%s\" is taken", bad[i]);
        }
    }
    assert_true(journal_id_parse("0123abcd-0", &uuid, &seq));
    assert_int_equal(uuid, 0x0123abcd);
    assert_int_equal(seq, 0);

    journal_id_format(fixture_journal, UINT64_MAX, id);
    assert_int_equal(strlen(id), JOURNAL_ID_SIZE - 1);
    assert_true(journal_id_parse(id, &uuid, &seq));
    assert_int_equal(uuid, journal_uuid(fixture_journal));
    assert_true(seq == UINT64_MAX);

    /* A journal keeps its own. */
    fixture_reopen();
    assert_int_equal(uuid, journal_uuid(fixture_journal));
}

/* Two journals are told apart. */
static void
resume(void **state OVS_UNUSED)
{
    char id[JOURNAL_ID_SIZE];
    uint64_t seq;

    journal_id_format(fixture_journal, 0, id);
    assert_null(journal_resume(fixture_journal, id, &seq));
    for (int i = 1; i <= 3; i++) {
        struct journal_entry entry = fixture_entry(i);
        fixture_append(&entry);
    }
    for (int i = 0; i <= 3; i++) {
        journal_id_format(fixture_journal, i, id);
        assert_null(journal_resume(fixture_journal, id, &seq));
        assert_int_equal(seq, i);
    }
    journal_id_format(fixture_journal, 4, id);
    assert_non_null(strstr(journal_resume(fixture_journal, id, &seq),
                           "does not know"));
    assert_non_null(strstr(journal_resume(fixture_journal, "1", &seq),
                           "not the id of an event"));
    id[0] = id[0] == '0' ? '1' : '0';
    assert_non_null(strstr(journal_resume(fixture_journal, id, &seq),
                           "not of this"));
}

static void
verbs(void **state OVS_UNUSED)
{
    enum journal_verb verb;

    for (int i = 0; i < JOURNAL_N_VERBS; i++) {
        assert_true(journal_verb_from_string(journal_verb_to_string(i),
                                             &verb));
        assert_int_equal(verb, i);
    }
    assert_false(journal_verb_from_string("Created", &verb));
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, fixture_setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(ids),
        TEST(resume),
        cmocka_unit_test(verbs),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
