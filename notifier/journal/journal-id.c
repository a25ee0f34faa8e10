/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Ids of events: eight hexadecimal digits of the journal, "-", a sequence
 * number.  See journal.h. */

#include <config.h>

#include "journal/journal-private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

#define HEX "0123456789abcdef"
#define DIGITS "0123456789"
#define UUID_DIGITS 8

void
journal_id_format(const struct journal *journal, uint64_t seq,
                  char id[JOURNAL_ID_SIZE])
{
    snprintf(id, JOURNAL_ID_SIZE, "%08"PRIx32"-%"PRIu64, journal->uuid, seq);
}

bool
journal_id_parse(const char *id, uint32_t *uuid, uint64_t *seq)
{
    unsigned long long int number;

    if (strspn(id, HEX) != UUID_DIGITS || id[UUID_DIGITS] != '-') {
        return false;
    }

    /* As formatted: no sign, no space, no leading zero. */
    const char *digits = id + UUID_DIGITS + 1;
    if (!digits[0] || digits[strspn(digits, DIGITS)]
        || (digits[0] == '0' && digits[1])
        || !str_to_ullong(digits, 10, &number)) {
        return false;
    }
    *uuid = strtoul(id, NULL, 16);
    *seq = number;
    return true;
}

const char *
journal_resume(const struct journal *journal, const char *id, uint64_t *seq)
{
    uint32_t uuid;

    if (!journal_id_parse(id, &uuid, seq)) {
        return "this is not the id of an event";
    } else if (uuid != journal->uuid) {
        return "this event is not of this notifier's journal";
    } else if (*seq > journal->head) {
        return "the journal does not know this event";
    } else if (*seq + 1 < journal->tail) {
        return "what came after this event is not kept any longer";
    } else if (journal_session_is_lost(journal, *seq)) {
        return "this event was lost when the notifier's machine went down";
    }
    return NULL;
}
