/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See db-writer.h. */

#include <config.h>

#include "db-writer.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(db_writer);

/* Milliseconds before a transaction that the database refused, rather than
 * asked to repeat, is tried again: it may be refused for good. */
#define HARD_ERROR_BACKOFF_MS 1000

void
db_writer_init(struct db_writer *writer, struct ovsdb_idl *idl,
               const char *name)
{
    memset(writer, 0, sizeof *writer);
    writer->idl = idl;
    writer->name = name;
}

void
db_writer_destroy(struct db_writer *writer)
{
    if (writer->txn) {
        ovsdb_idl_txn_destroy(writer->txn);
        writer->txn = NULL;
    }
    free(writer->refusal);
    writer->refusal = NULL;
}

bool
db_writer_is_free(const struct db_writer *writer)
{
    return (!writer->txn && time_msec() >= writer->retry_at
            && (!writer->failed
                || (ovsdb_idl_get_seqno(writer->idl)
                    != writer->retry_seqno)));
}

struct ovsdb_idl_txn *
db_writer_begin(struct db_writer *writer)
{
    if (!db_writer_is_free(writer)) {
        return NULL;
    }
    writer->failed = false;
    return ovsdb_idl_txn_create(writer->idl);
}

void
db_writer_commit(struct db_writer *writer, struct ovsdb_idl_txn *txn)
{
    writer->txn = txn;
    ovsdb_idl_txn_commit(txn);
}

enum db_writer_result
db_writer_run(struct db_writer *writer)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    enum ovsdb_idl_txn_status status;

    if (!writer->txn) {
        return DB_WRITER_NONE;
    }
    status = ovsdb_idl_txn_commit(writer->txn);
    if (status == TXN_INCOMPLETE) {
        return DB_WRITER_NONE;
    }
    free(writer->refusal);
    writer->refusal = NULL;
    if (status == TXN_ERROR) {
        writer->refusal = xstrdup(ovsdb_idl_txn_get_error(writer->txn));
        VLOG_WARN_RL(&rl, "%s: transaction refused: %s", writer->name,
                     writer->refusal);
        writer->retry_at = time_msec() + HARD_ERROR_BACKOFF_MS;
    }
    ovsdb_idl_txn_destroy(writer->txn);
    writer->txn = NULL;
    if (status == TXN_SUCCESS || status == TXN_UNCHANGED) {
        return DB_WRITER_DONE;
    }

    if (status != TXN_ERROR) {
        writer->failed = true;
        writer->retry_seqno = ovsdb_idl_get_seqno(writer->idl);
    }
    return DB_WRITER_FAILED;
}

void
db_writer_wait(const struct db_writer *writer)
{
    if (writer->txn) {
        ovsdb_idl_txn_wait(writer->txn);
    } else if (time_msec() < writer->retry_at) {
        poll_timer_wait_until(writer->retry_at);
    }
}
