/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Writes the WAL back into the journal's file.  See journal-private.h.
 *
 * That takes fsync(), which can take long, so it is done by a thread with a
 * connection of its own while the main thread goes on committing.  Such a
 * checkpoint holds nobody up, but the WAL starts again from its beginning only
 * if all of it has been written back when the next commit comes.  Under
 * constant load it never has, and the WAL would grow for ever.  So when it is
 * large, the main thread is held before its next transaction during a second
 * checkpoint, of the little that has been added during the first.
 *
 * (SQLite's own way, a checkpoint in mode RESTART, polls for the lock, and
 * does not get it from a thread that commits on and on.)
 *
 * A checkpoint that fails is tried again when the WAL has grown further.
 * Nothing is lost by it but space. */

#include <config.h>

#include "journal/journal-private.h"

#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(journal_checkpoint);

struct checkpointer {
    char *path;
    sqlite3 *writer;            /* The main thread's. */
    sqlite3 *db;                /* The thread's. */
    pthread_t thread;

    int last_pages;             /* The main thread's: WAL at the last call. */

    struct ovs_mutex mutex;
    pthread_cond_t cond;
    bool wanted OVS_GUARDED;    /* A checkpoint. */
    bool writing OVS_GUARDED;   /* The main thread, until it ends. */
    bool hold OVS_GUARDED;      /* It is to wait before it begins. */
    bool stop OVS_GUARDED;
    uint64_t n OVS_GUARDED;
};

static int on_commit(void *checkpointer, sqlite3 *, const char *db, int pages);
static void *run_thread(void *checkpointer);
static void checkpoint(struct checkpointer *);
static bool checkpoint_once(struct checkpointer *, int *pages);
static void wait(struct checkpointer *);

char *
checkpointer_start(const char *path, sqlite3 *db,
                   struct checkpointer **checkpointerp)
{
    struct checkpointer *checkpointer = xzalloc(sizeof *checkpointer);

    /* A connection that has read nothing knows of no WAL, and makes no
     * checkpoint without a word. */
    if (sqlite3_open_v2(path, &checkpointer->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)
        || sqlite3_exec(checkpointer->db, "SELECT count(*) FROM meta", NULL,
                        NULL, NULL)) {
        char *error = xasprintf("%s: cannot open it twice: %s", path,
                                sqlite3_errmsg(checkpointer->db));
        sqlite3_close(checkpointer->db);
        free(checkpointer);
        return error;
    }
    checkpointer->path = xstrdup(path);
    checkpointer->writer = db;
    ovs_mutex_init(&checkpointer->mutex);
    xpthread_cond_init(&checkpointer->cond, NULL);
    sqlite3_wal_hook(db, on_commit, checkpointer);
    checkpointer->thread = ovs_thread_create("journal", run_thread,
                                             checkpointer);
    *checkpointerp = checkpointer;
    return NULL;
}

void
checkpointer_stop(struct checkpointer *checkpointer)
{
    sqlite3_wal_hook(checkpointer->writer, NULL, NULL);
    ovs_mutex_lock(&checkpointer->mutex);
    checkpointer->stop = true;
    xpthread_cond_broadcast(&checkpointer->cond);
    ovs_mutex_unlock(&checkpointer->mutex);

    xpthread_join(checkpointer->thread, NULL);
    sqlite3_close(checkpointer->db);
    ovs_mutex_destroy(&checkpointer->mutex);
    xpthread_cond_destroy(&checkpointer->cond);
    free(checkpointer->path);
    free(checkpointer);
}

void
checkpointer_begin_write(struct checkpointer *checkpointer)
{
    ovs_mutex_lock(&checkpointer->mutex);
    while (checkpointer->hold) {
        wait(checkpointer);
    }
    checkpointer->writing = true;
    ovs_mutex_unlock(&checkpointer->mutex);
}

void
checkpointer_end_write(struct checkpointer *checkpointer)
{
    ovs_mutex_lock(&checkpointer->mutex);
    checkpointer->writing = false;
    if (checkpointer->hold) {
        xpthread_cond_broadcast(&checkpointer->cond);
    }
    ovs_mutex_unlock(&checkpointer->mutex);
}

uint64_t
checkpointer_count(struct checkpointer *checkpointer)
{
    ovs_mutex_lock(&checkpointer->mutex);
    uint64_t n = checkpointer->n;
    ovs_mutex_unlock(&checkpointer->mutex);
    return n;
}

/* Called in the main thread after each commit, with the length of the WAL. */
static int
on_commit(void *checkpointer_, sqlite3 *db OVS_UNUSED,
          const char *name OVS_UNUSED, int pages)
{
    struct checkpointer *checkpointer = checkpointer_;

    if (pages < checkpointer->last_pages) {
        checkpointer->last_pages = 0; /* It started again. */
    }
    if (pages - checkpointer->last_pages >= CHECKPOINT_PAGES) {
        checkpointer->last_pages = pages;
        ovs_mutex_lock(&checkpointer->mutex);
        checkpointer->wanted = true;
        xpthread_cond_broadcast(&checkpointer->cond);
        ovs_mutex_unlock(&checkpointer->mutex);
    }
    return SQLITE_OK;
}

static void *
run_thread(void *checkpointer_)
{
    struct checkpointer *checkpointer = checkpointer_;

    /* It uses nothing that RCU protects, and must not hold it up. */
    ovsrcu_quiesce_start();

    ovs_mutex_lock(&checkpointer->mutex);
    while (!checkpointer->stop) {
        if (checkpointer->wanted) {
            checkpointer->wanted = false;
            ovs_mutex_unlock(&checkpointer->mutex);
            checkpoint(checkpointer);
            ovs_mutex_lock(&checkpointer->mutex);
            checkpointer->n++;
        } else {
            wait(checkpointer);
        }
    }
    ovs_mutex_unlock(&checkpointer->mutex);
    return NULL;
}

static void
checkpoint(struct checkpointer *checkpointer)
{
    int pages;

    if (!checkpoint_once(checkpointer, &pages)
        || pages <= CHECKPOINT_HOLD_PAGES) {
        return;
    }

    ovs_mutex_lock(&checkpointer->mutex);
    checkpointer->hold = true;
    while (checkpointer->writing) {
        wait(checkpointer);
    }
    ovs_mutex_unlock(&checkpointer->mutex);

    checkpoint_once(checkpointer, &pages);

    ovs_mutex_lock(&checkpointer->mutex);
    checkpointer->hold = false;
    xpthread_cond_broadcast(&checkpointer->cond);
    ovs_mutex_unlock(&checkpointer->mutex);
}

/* Sets '*pages' to the length of the WAL. */
static bool
checkpoint_once(struct checkpointer *checkpointer, int *pages)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
    int error = sqlite3_wal_checkpoint_v2(checkpointer->db, "main",
                                          SQLITE_CHECKPOINT_PASSIVE, pages,
                                          NULL);

    /* Busy: another process makes one. */
    if (error && error != SQLITE_BUSY) {
        VLOG_WARN_RL(&rl, "%s: cannot write back the log: %s",
                     checkpointer->path, sqlite3_errmsg(checkpointer->db));
    }
    return !error;
}

/* Waits for a change of what the mutex guards.  Not ovs_mutex_cond_wait(),
 * which would end the thread's RCU quiescence; and the main thread is not held
 * for long. */
static void
wait(struct checkpointer *checkpointer)
{
    pthread_cond_wait(&checkpointer->cond, &checkpointer->mutex.lock);
}
