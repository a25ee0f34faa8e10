/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The journal without room: no pass is there in part, what is there can be
 * read, and it goes on when there is room. */

#include <config.h>

#include "unit.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "journal-fixture.h"

/* Appends entries of some size, one in each pass, until that fails.  Returns
 * how many were committed. */
static uint64_t
fill_up(const char *reason)
{
    char *object = xmalloc(10001);
    char *error;

    memset(object, 'x', 10000);
    object[10000] = '\0';
    for (int i = 0; ; i++) {
        struct journal_entry entry = fixture_entry(i);

        entry.object = object;
        journal_append(fixture_journal, &entry);
        error = journal_commit(fixture_journal);
        if (error) {
            break;
        }
        assert_int_equal(journal_head(fixture_journal), entry.seq);
        assert_in_range(i, 0, 100000);
    }
    free(object);
    if (!strstr(error, reason) || !strstr(error, "journal.db")) {
        fail_msg("\"%s\" does not have \"%s\"", error, reason);
    }
    assert_string_equal(journal_problem(fixture_journal), error);
    free(error);
    return journal_head(fixture_journal);
}

static size_t
count_states(void)
{
    struct journal_status status;

    journal_get_status(fixture_journal, &status);
    return status.n_states;
}

/* While there is no room every pass fails as a whole, what is there can be
 * read, and when there is room the same sequence numbers go on. */
static void
fails_and_recovers(const char *reason, void (*make_room)(void))
{
    uint64_t head = fill_up(reason);
    size_t n_states = count_states();
    struct journal_status status;
    uint64_t reached;

    assert_in_range(head, 1, 100000);
    for (int i = 0; i < 3; i++) {
        struct journal_entry entry = fixture_entry(1000000);
        char *object = xzalloc(2000000);

        memset(object, 'x', 2000000 - 1);
        entry.object = object;
        journal_append(fixture_journal, &entry);
        journal_note_put(fixture_journal, "note", "none");
        char *error = journal_commit(fixture_journal);
        assert_non_null(error);
        free(error);
        free(object);
    }
    assert_int_equal(journal_head(fixture_journal), head);
    assert_int_equal(count_states(), n_states);
    assert_null(journal_note_get(fixture_journal, "note"));
    assert_false(journal_state_get(fixture_journal, "port", "port-1000000",
                                   NULL, NULL));
    assert_null(journal_read(fixture_journal, head, NULL, 1, NULL, NULL,
                             &reached));
    journal_get_status(fixture_journal, &status);
    assert_int_equal(status.n_failures, 4);
    assert_int_equal(status.n_commits, head);

    make_room();
    struct journal_entry entry = fixture_entry(1000000);
    assert_int_equal(fixture_append(&entry), head + 1);
    assert_null(journal_problem(fixture_journal));
    fixture_reopen();
    assert_int_equal(journal_head(fixture_journal), head + 1);
    assert_int_equal(count_states(), n_states + 1);
}

static void
limit_file_size(rlim_t size)
{
    struct rlimit limit = { .rlim_cur = size, .rlim_max = RLIM_INFINITY };

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
lift_limit(void)
{
    limit_file_size(RLIM_INFINITY);
}

/* The file may not grow. */
static void
file_too_large(void **state OVS_UNUSED)
{
    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(1000000);
    fails_and_recovers("disk I/O error", lift_limit);
}

/* Puts a file system of 1 MiB, which is gone with this process, where the
 * directory was. */
static bool
mount_small(void)
{
    bool ok = (!unshare(CLONE_NEWNS) || !unshare(CLONE_NEWUSER | CLONE_NEWNS));

    return (ok && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)
            && !mount("none", fixture_dir, "tmpfs", 0, "size=1m"));
}

static void
make_room(void)
{
    assert_int_equal(mount("none", fixture_dir, "tmpfs", MS_REMOUNT,
                           "size=16m"), 0);
}

static void
disk_full(void **state OVS_UNUSED)
{
    fixture_close();
    if (!mount_small()) {
        skip();
    }
    fixture_open();
    fails_and_recovers("database or disk is full", make_room);
    fixture_close();
    assert_int_equal(umount2(fixture_dir, MNT_DETACH), 0);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, fixture_setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(file_too_large),
        TEST(disk_full),        /* The last: it leaves the namespace. */
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
