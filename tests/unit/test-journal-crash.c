/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The journal after its process was killed, and after the machine went
 * down. */

#include <config.h>

#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal-fixture.h"
#include "journal/journal-private.h"
#include "random.h"
#include "simap.h"

/* What is different from one entry to the next, so that a state tells of which
 * entry it is. */
static void
append_numbered(uint64_t seq)
{
    struct journal_entry entry = fixture_entry(seq % 10);
    char *object = xasprintf("%llu", (unsigned long long int) seq);

    entry.object = object;
    entry.verb = seq % 7 ? JOURNAL_UPDATED : JOURNAL_DELETED;
    journal_append(fixture_journal, &entry);
    assert_int_equal(entry.seq, seq);
    free(object);
}

/* Appends passes of a few entries each, and reports each that is committed by
 * writing the last number to 'fd', as if its events were sent, until it is
 * killed. */
OVS_NO_RETURN static void
append_until_killed(int fd)
{
    fixture_open();
    for (;;) {
        uint64_t seq = journal_head(fixture_journal);

        for (int n = 1 + random_range(4); n > 0; n--) {
            append_numbered(++seq);
        }
        if (journal_commit(fixture_journal)
            || write(fd, &seq, sizeof seq) != sizeof seq) {
            _exit(1);
        }
        journal_run(fixture_journal);
    }
}

/* Kills such a process after it has reported 'n' passes and some time more.
 * Returns the last number that it reported. */
static uint64_t
kill_after(int n)
{
    uint64_t seq = 0, next;
    int fds[2], status;

    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (!pid) {
        close(fds[0]);
        append_until_killed(fds[1]);
    }
    close(fds[1]);
    for (int i = 0; i < n; i++) {
        assert_int_equal(read(fds[0], &seq, sizeof seq), sizeof seq);
    }
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (read(fds[0], &next, sizeof next) == sizeof next) {
        seq = next;
    }
    close(fds[0]);
    return seq;
}

/* What the entries say that the states are, and how many there are. */
struct replay {
    uint64_t seq;               /* The last. */
    uint64_t n;
    struct simap states;        /* From id to sequence number. */
};

static bool
replay_entry(const struct journal_entry *entry, void *replay_)
{
    struct replay *replay = replay_;

    assert_int_equal(entry->seq, replay->seq + 1);
    replay->seq = entry->seq;
    replay->n++;
    if (entry->verb == JOURNAL_DELETED) {
        simap_find_and_delete(&replay->states, entry->id);
    } else {
        simap_put(&replay->states, entry->id, entry->seq);
    }
    return true;
}

static void
check_state(const struct journal_state *state, void *replay_)
{
    struct replay *replay = replay_;

    assert_int_equal(atoi(state->object),
                     simap_get(&replay->states, state->id));
    replay->n++;
}

/* Every number is there once, and the states are those of the entries. */
static void
check_consistent(void)
{
    struct replay replay = { .states = SIMAP_INITIALIZER(&replay.states) };
    uint64_t reached = 0;

    while (reached < journal_head(fixture_journal)) {
        assert_null(journal_read(fixture_journal, reached, NULL, 1000,
                                 replay_entry, &replay, &reached));
    }
    assert_int_equal(replay.n, journal_head(fixture_journal));
    assert_int_equal(journal_tail(fixture_journal), 1);

    replay.n = 0;
    journal_state_each(fixture_journal, "port", "", 100, check_state, &replay);
    assert_int_equal(replay.n, simap_count(&replay.states));
    simap_destroy(&replay.states);
}

static void
killed(void **state OVS_UNUSED)
{
    uint64_t head = 0;

    fixture_close();
    for (int i = 0; i < 20; i++) {
        uint64_t reported = kill_after(1 + random_range(100));

        fixture_open();

        /* What was reported is there, and at most one pass that was not. */
        assert_true(reported > head);
        head = journal_head(fixture_journal);
        assert_in_range(head, reported, reported + 4);
        check_consistent();

        /* The numbers go on. */
        append_numbered(++head);
        fixture_commit();
        fixture_close();
    }
}

/* Killed as soon as it has the file, so that it is half made at times. */
static void
killed_at_once(void **state OVS_UNUSED)
{
    fixture_close();
    for (int i = 0; i < 50; i++) {
        int status;

        unlink(fixture_path);
        pid_t pid = fork();
        if (!pid) {
            fixture_open();
            _exit(0);
        }
        usleep(random_range(5000));
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        fixture_open();
        assert_int_equal(journal_head(fixture_journal), 0);
        append_numbered(1);
        fixture_commit();
        fixture_close();
    }
}

static void
copy_file(const char *from, const char *to)
{
    char buffer[65536];
    FILE *in = fopen(from, "r"), *out = fopen(to, "w");
    size_t n;

    assert_non_null(in);
    assert_non_null(out);
    while ((n = fread(buffer, 1, sizeof buffer, in)) > 0) {
        assert_int_equal(fwrite(buffer, 1, n, out), n);
    }
    fclose(in);
    fclose(out);
}

/* Copies the files as they are, for restore(): what of them is on the disk. */
static void
save(void)
{
    char *wal = fixture_file("journal.db-wal");
    char *saved = fixture_file("saved");
    char *saved_wal = fixture_file("saved-wal");

    copy_file(fixture_path, saved);
    copy_file(wal, saved_wal);
    free(wal);
    free(saved);
    free(saved_wal);
}

/* Makes the files what they were at save(), as if the machine had gone down
 * and come up again now: with another boot id. */
static void
restore(void)
{
    char *wal = fixture_file("journal.db-wal");
    char *shm = fixture_file("journal.db-shm");
    char *saved = fixture_file("saved");
    char *saved_wal = fixture_file("saved-wal");

    fixture_close();
    copy_file(saved, fixture_path);
    copy_file(saved_wal, wal);
    unlink(shm);
    fixture_sql("UPDATE meta SET value = 'the boot before' "
                "WHERE key = 'boot'");
    free(wal);
    free(shm);
    free(saved);
    free(saved_wal);
}

static const char *
resume(uint64_t seq)
{
    char id[JOURNAL_ID_SIZE];
    uint64_t from;

    journal_id_format(fixture_journal, seq, id);
    const char *problem = journal_resume(fixture_journal, id, &from);
    if (!problem) {
        assert_int_equal(from, seq);
    }
    return problem;
}

static bool
put_last(const struct journal_entry *entry, void *seq)
{
    *(uint64_t *) seq = entry->seq;
    return true;
}

/* The numbers of lost entries are not given to others, whoever saw them has to
 * start anew, and whoever did not goes on. */
static void
power_failure(void **state OVS_UNUSED)
{
    uint64_t reached, last;

    for (int i = 1; i <= 10; i++) {
        append_numbered(i);
        fixture_commit();
    }
    save();
    for (int i = 11; i <= 20; i++) {
        append_numbered(i);
        fixture_commit();
    }
    restore();

    fixture_open();
    uint64_t head = 10 + JOURNAL_GAP;
    assert_true(journal_head(fixture_journal) == head);
    assert_int_equal(journal_tail(fixture_journal), 1);
    assert_null(resume(10));
    assert_null(resume(0));
    assert_null(resume(head));
    for (int i = 11; i <= 20; i++) {
        assert_non_null(strstr(resume(i), "lost"));
    }
    assert_non_null(strstr(resume(head - 1), "lost"));

    /* The change of entry 20 is found again, its state being that of 10. */
    char *object;
    assert_true(journal_state_get(fixture_journal, "port", "port-0", &object,
                                  NULL));
    assert_string_equal(object, "10");
    free(object);
    append_numbered(head + 1);
    fixture_commit();
    assert_null(journal_read(fixture_journal, 10, NULL, 10, put_last, &last,
                             &reached));
    assert_true(last == head + 1 && reached == head + 1);

    /* Nothing but the numbers is skipped, and only once. */
    fixture_reopen();
    assert_true(journal_head(fixture_journal) == head + 1);
    assert_non_null(resume(15));
}

/* The numbers that were skipped are not forgotten by the next failure, though
 * nothing was written since. */
static void
two_power_failures(void **state OVS_UNUSED)
{
    append_numbered(1);
    fixture_commit();
    save();
    restore();
    fixture_open();
    save();

    append_numbered(JOURNAL_GAP + 2);
    fixture_commit();
    restore();
    fixture_open();
    assert_true(journal_head(fixture_journal) == 1 + 2 * JOURNAL_GAP);
    assert_non_null(resume(JOURNAL_GAP + 2));
}

/* A machine that goes down after the journal was closed costs nothing. */
static void
closed_before(void **state OVS_UNUSED)
{
    append_numbered(1);
    fixture_commit();
    fixture_close();
    fixture_sql("UPDATE meta SET value = 'the boot before' "
                "WHERE key = 'boot'");
    fixture_open();
    assert_int_equal(journal_head(fixture_journal), 1);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, fixture_setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(killed),
        TEST(killed_at_once),
        TEST(power_failure),
        TEST(two_power_failures),
        TEST(closed_before),
    };

    unit_init(argv[0]);
    random_set_seed(unit_env("SLUICE_SEED", 1));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
