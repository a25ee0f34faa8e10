/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The journal's file: those that are refused, and why. */

#include <config.h>

#include "unit.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal-fixture.h"
#include "journal/journal-private.h"

/* A user that owns nothing. */
#define NOBODY 65534

static void
write_file(const char *name, const void *data, size_t n)
{
    FILE *stream = fopen(name, "w");

    assert_non_null(stream);
    assert_int_equal(fwrite(data, 1, n, stream), n);
    fclose(stream);
}

/* Refuses 'data' as a journal, and does not touch it. */
static void
assert_refused_data(const void *data, size_t n, const char *reason)
{
    char *name = fixture_file("other.db");
    char *after = xmalloc(n + 1);

    write_file(name, data, n);
    fixture_refused(name, reason);
    FILE *stream = fopen(name, "r");
    assert_int_equal(fread(after, 1, n + 1, stream), n);
    assert_memory_equal(after, data, n);
    fclose(stream);
    free(after);
    free(name);
}

static void
no_database(void **state OVS_UNUSED)
{
    static const char text[]
        = "This is a letter to my aunt, and not a database of any kind.\n";
    char page[4096];

    assert_refused_data(text, strlen(text), "not a database");
    memset(page, 0x5a, sizeof page);
    assert_refused_data(page, sizeof page, "not a database");
}

/* One of which a part is overwritten. */
static void
damaged(void **state OVS_UNUSED)
{
    char garbage[4000];

    fixture_close();
    memset(garbage, 0xa5, sizeof garbage);
    int fd = open(fixture_path, O_WRONLY);
    assert_int_equal(pwrite(fd, garbage, sizeof garbage, 100),
                     sizeof garbage);
    close(fd);
    fixture_refused(fixture_path, "malformed");
    unlink(fixture_path);
}

static void
truncated(void **state OVS_UNUSED)
{
    fixture_close();
    assert_int_equal(truncate(fixture_path, 4096), 0);
    fixture_refused(fixture_path, "malformed");
    unlink(fixture_path);
}

static void
another_programs(void **state OVS_UNUSED)
{
    fixture_close();
    unlink(fixture_path);
    fixture_sql("CREATE TABLE accounts(iban TEXT)");
    fixture_refused(fixture_path, "not a journal");
    fixture_sql("PRAGMA application_id = 42");
    fixture_refused(fixture_path, "not a journal");
    fixture_sql("INSERT INTO accounts VALUES ('x')");
}

static void
newer_format(void **state OVS_UNUSED)
{
    fixture_close();
    fixture_sql("PRAGMA user_version = 2");
    fixture_refused(fixture_path,
                    "format 2, and this sluice-notifier knows those up to 1");
    fixture_sql("PRAGMA user_version = -1");
    fixture_refused(fixture_path, "format -1");
}

static void
missing_table(void **state OVS_UNUSED)
{
    fixture_close();
    fixture_sql("DROP TABLE note");
    fixture_refused(fixture_path, "no such table: note");
}

static void
no_file(void **state OVS_UNUSED)
{
    char *name = fixture_file("none/journal.db");
    fixture_refused(name, "No such file or directory");
    free(name);

    fixture_refused(fixture_dir, "Is a directory");

    name = fixture_file("fifo");
    assert_int_equal(mkfifo(name, 0600), 0);
    fixture_refused(name, "is not a file");
    free(name);
}

/* Names to which SQLite gives a meaning of its own are files like others. */
static void
odd_names(void **state OVS_UNUSED)
{
    static const char *const names[] = {
        ":memory:", "file:x?mode=memory", "a b'c\"d\n", "\xe2\x82\xac",
    };
    char *cwd = get_cwd();

    assert_int_equal(chdir(fixture_dir), 0);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct journal *journal;
        struct stat s;

        assert_null(journal_open(names[i], &fixture_limits, &journal));
        journal_close(journal);
        char *name = fixture_file(names[i]);
        assert_int_equal(stat(name, &s), 0);
        free(name);
    }
    assert_int_equal(chdir(cwd), 0);
    free(cwd);
}

/* Runs 'function' in a process of its own, as 'user'; fails if it does. */
static void
run_as(uid_t user, bool (*function)(void))
{
    int status;
    pid_t pid = fork();

    if (!pid) {
        bool ok = (!user || (!setgroups(0, NULL) && !setgid(user)
                             && !setuid(user)));
        _exit(ok && function() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static bool
open_says_permission_denied(void)
{
    struct journal *journal;
    char *error = journal_open(fixture_path, &fixture_limits, &journal);

    return error && !journal && strstr(error, "journal.db")
           && strstr(error, "Permission denied");
}

static bool
open_succeeds(void)
{
    struct journal *journal;
    char *error = journal_open(fixture_path, &fixture_limits, &journal);

    journal_close(journal);
    return !error;
}

/* Neither a directory that one may not write nor a file. */
static void
unwritable(void **state OVS_UNUSED)
{
    fixture_close();
    uid_t user = getuid() ? 0 : NOBODY;
    char *lock = fixture_file(".journal.db.~lock~");

    assert_int_equal(chmod(fixture_dir, 0777), 0);
    assert_int_equal(chmod(fixture_path, 0444), 0);
    run_as(user, open_says_permission_denied);
    assert_int_equal(chmod(fixture_path, 0666), 0);
    assert_int_equal(chmod(lock, 0400), 0);
    run_as(user, open_says_permission_denied);
    unlink(lock);
    assert_int_equal(chmod(fixture_dir, 0555), 0);
    run_as(user, open_says_permission_denied);
    unlink(fixture_path);
    run_as(user, open_says_permission_denied);
    assert_int_equal(chmod(fixture_dir, 0777), 0);
    run_as(user, open_succeeds);
    free(lock);
}

static bool
open_says_in_use(void)
{
    struct journal *journal;
    char *error = journal_open(fixture_path, &fixture_limits, &journal);

    return error && !journal && strstr(error, "in use by another");
}

/* Not by this process, nor by another. */
static void
two_openers(void **state OVS_UNUSED)
{
    fixture_refused(fixture_path, "in use by another");
    run_as(0, open_says_in_use);

    struct journal_entry entry = fixture_entry(1);
    fixture_append(&entry);
    fixture_reopen();
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, fixture_setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(no_database),
        TEST(damaged),
        TEST(truncated),
        TEST(another_programs),
        TEST(newer_format),
        TEST(missing_table),
        TEST(no_file),
        TEST(odd_names),
        TEST(unwritable),
        TEST(two_openers),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
