/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A fuzz target without libFuzzer: runs it on the files of its arguments, each
 * as it is, cut off after each byte, and changed in FUZZ_CHANGES ways (from the
 * environment; 2000 by default) by a generator of numbers that begins the same
 * each time.  Speaks TAP, a line a file. */

#include <config.h>

#include "fuzz-main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Enough to break each of a seed's parts; all seeds in a few seconds. */
#define DEFAULT_CHANGES 2000
static unsigned int changes = DEFAULT_CHANGES;

/* Bytes of an input that is cut off at each place: it costs its square. */
#define MAX_CUT 2000

static uint32_t state = 1;

/* Xorshift. */
static uint32_t
random_below(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % n;
}

/* One small change within 'size' bytes at 'data', of which there is room for
 * one more than 'size'.  Returns the new size. */
static size_t
change(uint8_t *data, size_t size)
{
    static const char telling[] = "\"\\{}[]:,0-9 \n\t%&=?/.\xff\xc3\x80";
    size_t at = random_below(size);
    uint8_t byte = (random_below(2) ? random_below(256)
                    : (uint8_t) telling[random_below(sizeof telling)]);

    switch (random_below(4)) {
    case 0:
        data[at] = byte;
        return size;
    case 1:
        memmove(&data[at + 1], &data[at], size - at);
        data[at] = byte;
        return size + 1;
    case 2:
        memmove(&data[at], &data[at + 1], size - at - 1);
        return size - 1;
    default:
        data[at] = data[random_below(size)];
        return size;
    }
}

static void
fuzz_changed(const uint8_t *data, size_t size)
{
    for (unsigned int i = 0; i < changes; i++) {
        int n = 1 + random_below(4);
        uint8_t *changed = xmalloc(size + n);
        size_t changed_size = size;

        memcpy(changed, data, size);
        while (n-- && changed_size) {
            changed_size = change(changed, changed_size);
        }
        fuzz_one(changed, changed_size);
        free(changed);
    }
}

static bool
fuzz_file(const char *name)
{
    FILE *stream = fopen(name, "rb");
    uint8_t *data = NULL;
    size_t size = 0, allocated = 0, n;

    if (!stream) {
        printf("# %s: %s\n", name, ovs_strerror(errno));
        return false;
    }
    do {
        if (size == allocated) {
            data = x2nrealloc(data, &allocated, 1);
        }
        n = fread(&data[size], 1, allocated - size, stream);
        size += n;
    } while (n);
    bool ok = !ferror(stream);
    fclose(stream);

    for (size_t cut = 0; cut < MIN(size, MAX_CUT); cut++) {
        fuzz_one(data, cut);
    }
    fuzz_one(data, size);
    fuzz_changed(data, size);
    free(data);
    return ok;
}

int
main(int argc, char *argv[])
{
    const char *text = getenv("FUZZ_CHANGES");
    bool all = true;

    set_program_name(argv[0]);
    if (text && !str_to_uint(text, 10, &changes)) {
        ovs_fatal(0, "FUZZ_CHANGES: \"%s\" is not a number", text);
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        const char *slash = strrchr(argv[i], '/');
        bool ok = fuzz_file(argv[i]);

        printf("%sok %d - %s\n", ok ? "" : "not ", i,
               slash ? slash + 1 : argv[i]);
        all = all && ok;
    }
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
