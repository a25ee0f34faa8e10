/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Who holds a logical port: scans of the Interface table, one after the
 * other. */

#include <config.h>

#include "unit.h"

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "ovs-agent/vif.h"
#include "svec.h"
#include "uuid.h"

#define DUPLICATE "iface-id is already used by interface "

static struct vif_table vt;

/* Port X is the iface-id of most; Y another. */
static char X[UUID_LEN + 1], Y[UUID_LEN + 1];

static int
setup(void **state OVS_UNUSED)
{
    const struct uuid x = unit_uuid(UNIT_PORT, 1);
    const struct uuid y = unit_uuid(UNIT_PORT, 2);

    snprintf(X, sizeof X, UUID_FMT, UUID_ARGS(&x));
    snprintf(Y, sizeof Y, UUID_FMT, UUID_ARGS(&y));
    vif_table_init(&vt);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    vif_table_destroy(&vt);
    return 0;
}

static struct vif_row
row(unsigned int iface, const char *name, const char *iface_id,
    int64_t ofport)
{
    struct vif_row r = {
        .iface = unit_uuid(UNIT_IFACE, iface),
        .name = name,
        .iface_id = iface_id,
        .ofport = ofport,
    };

    return r;
}

static void
note_change(const struct uuid *port, void *changed)
{
    svec_add_nocopy(changed, xasprintf("%"PRIu32, port->parts[1]));
}

/* Scans and fails unless the ports that changed are those of 'expected', by
 * number. */
static void
scan(const struct vif_row *rows, size_t n, const char *expected)
{
    struct svec changed = SVEC_EMPTY_INITIALIZER;
    char *text;

    vif_table_scan(&vt, rows, n, note_change, &changed);
    svec_sort(&changed);
    text = svec_join(&changed, " ", "");
    assert_string_equal(text, expected);
    free(text);
    svec_destroy(&changed);
}

#define SCAN(EXPECTED, ...)                                     \
    do {                                                        \
        const struct vif_row rows_[] = { __VA_ARGS__ };         \
        scan(rows_, ARRAY_SIZE(rows_), EXPECTED);               \
    } while (0)

/* Fails unless port 'n' is held by the interface 'name' at 'ofport'; NULL: by
 * none. */
static void
assert_held(unsigned int n, const char *name, unsigned int ofport)
{
    const struct uuid port = unit_uuid(UNIT_PORT, n);
    const struct vif *vif = vif_table_find(&vt, &port);

    if (!name) {
        assert_null(vif);
        return;
    }
    assert_non_null(vif);
    assert_string_equal(vif->name, name);
    assert_int_equal(ofp_to_u16(vif->ofport), ofport);
    assert_null(vif->fault);
}

static const struct vif *
find_vif(const char *name)
{
    const struct vif *vif;

    HMAP_FOR_EACH (vif, iface_node, &vt.by_iface) {
        if (!strcmp(vif->name, name)) {
            return vif;
        }
    }
    fail_msg("no interface %s", name);
    return NULL;
}

/* Fails unless the interface 'name' holds nothing for the reason 'fault'. */
static void
assert_fault(const char *name, const char *fault)
{
    const struct vif *vif = find_vif(name);

    assert_false(vif->holder);
    assert_non_null(vif->fault);
    assert_string_equal(vif->fault, fault);
}

/* One interface. */

static void
plugged(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5));
    assert_held(1, "a", 5);
    assert_held(2, NULL, 0);
}

static void
nothing_changes(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5));
    SCAN("", row(1, "a", X, 5));
    assert_held(1, "a", 5);
}

static void
unplugged(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5));
    scan(NULL, 0, "1");
    assert_held(1, NULL, 0);
    scan(NULL, 0, "");
}

static void
ofport_changes(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5));
    SCAN("1", row(1, "a", X, 6));
    assert_held(1, "a", 6);
}

/* Open vSwitch cannot rename an interface: it is another row. */
static void
renamed(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5));
    SCAN("1", row(2, "b", X, 5));
    assert_held(1, "b", 5);
}

static void
no_ofport_yet(void **state OVS_UNUSED)
{
    SCAN("", row(1, "a", X, 0));
    assert_held(1, NULL, 0);
    assert_fault("a", "no OpenFlow port yet");
    SCAN("1", row(1, "a", X, 5));
    assert_held(1, "a", 5);
}

static void
could_not_be_opened(void **state OVS_UNUSED)
{
    struct vif_row r = row(1, "a", X, -1);

    SCAN("", r);
    assert_fault("a", "Open vSwitch could not open the interface");
    r.error = "No such device";
    SCAN("", r);
    assert_fault("a", "Open vSwitch could not open the interface: No such "
                 "device");
    SCAN("1", row(1, "a", X, 5));
    assert_held(1, "a", 5);
}

static void
ofport_lost(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5));
    SCAN("1", row(1, "a", X, -1));
    assert_held(1, NULL, 0);
    assert_fault("a", "Open vSwitch could not open the interface");
}

static void
ofport_out_of_range(void **state OVS_UNUSED)
{
    SCAN("", row(1, "a", X, 70000));
    assert_held(1, NULL, 0);
    assert_non_null(find_vif("a")->fault);
}

static void
not_a_uuid(void **state OVS_UNUSED)
{
    SCAN("", row(1, "a", "vm7", 5));
    assert_fault("a", "iface-id \"vm7\" is not a UUID");
    SCAN("1", row(1, "a", X, 5));
    assert_held(1, "a", 5);
    SCAN("1", row(1, "a", "", 5));
    assert_fault("a", "iface-id \"\" is not a UUID");
}

/* A UUID with something behind it is none. */
static void
more_than_a_uuid(void **state OVS_UNUSED)
{
    char *longer = xasprintf("%s ", X);

    SCAN("", row(1, "a", longer, 5));
    assert_held(1, NULL, 0);
    free(longer);
}

static void
iface_id_changes_in_place(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5));
    SCAN("1 2", row(1, "a", Y, 5));
    assert_held(1, NULL, 0);
    assert_held(2, "a", 5);
}

static void
iface_ids_are_exchanged(void **state OVS_UNUSED)
{
    SCAN("1 2", row(1, "a", X, 5), row(2, "b", Y, 6));
    SCAN("1 2", row(1, "a", Y, 5), row(2, "b", X, 6));
    assert_held(1, "b", 6);
    assert_held(2, "a", 5);
}

/* Our own writing is not news. */
static void
status_alone(void **state OVS_UNUSED)
{
    struct vif_row r = row(1, "a", X, 5);

    SCAN("1", r);
    r.status = "up";
    SCAN("", r);
    assert_string_equal(find_vif("a")->status, "up");
    r.status = NULL;
    SCAN("", r);
    assert_null(find_vif("a")->status);
}

/* Two interfaces with one iface-id. */

static void
later_is_refused(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5));
    SCAN("", row(1, "a", X, 5), row(2, "b", X, 4));
    assert_held(1, "a", 5);
    assert_fault("b", DUPLICATE"a");
}

static void
takeover(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5));
    SCAN("", row(1, "a", X, 5), row(2, "b", X, 6), row(3, "c", X, 7));
    SCAN("1", row(2, "b", X, 6), row(3, "c", X, 7));
    assert_held(1, "b", 6);
    assert_fault("c", DUPLICATE"b");
}

static void
takeover_when_the_first_fails(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5), row(2, "b", X, 6));
    SCAN("1", row(1, "a", X, -1), row(2, "b", X, 6));
    assert_held(1, "b", 6);
    assert_fault("a", "Open vSwitch could not open the interface");
}

static void
takeover_when_the_first_is_anothers(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5), row(2, "b", X, 6));
    SCAN("1 2", row(1, "a", Y, 5), row(2, "b", X, 6));
    assert_held(1, "b", 6);
    assert_held(2, "a", 5);
}

static void
refused_leaves(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, 5), row(2, "b", X, 6));
    SCAN("", row(1, "a", X, 5));
    assert_held(1, "a", 5);
}

/* Who takes on an iface-id that is in use comes late, however long it has
 * been there with another, */
static void
late_claim(void **state OVS_UNUSED)
{
    SCAN("1 2", row(1, "a", Y, 5), row(2, "b", X, 6));
    SCAN("2", row(1, "a", X, 5), row(2, "b", X, 6));
    assert_held(1, "b", 6);
    assert_fault("a", DUPLICATE"b");
}

/* or with one that was no UUID. */
static void
late_claim_of_a_former_non_uuid(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", "vm7", 5), row(2, "b", X, 6));
    SCAN("", row(1, "a", X, 5), row(2, "b", X, 6));
    assert_held(1, "b", 6);
    assert_fault("a", DUPLICATE"b");
}

/* Seen for the first time together: Open vSwitch counts ofports up. */
static void
lower_ofport_was_first(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "b", X, 6), row(2, "a", X, 9));
    assert_held(1, "b", 6);
}

/* One that does not work is not the first, and does not become it when it
 * works at last. */
static void
failed_is_not_first(void **state OVS_UNUSED)
{
    SCAN("1", row(1, "a", X, -1), row(2, "b", X, 0), row(3, "c", X, 5));
    assert_held(1, "c", 5);
    SCAN("", row(1, "a", X, 6), row(2, "b", X, 7), row(3, "c", X, 5));
    assert_held(1, "c", 5);
    assert_fault("a", DUPLICATE"c");
    assert_fault("b", DUPLICATE"c");
}

/* An agent that starts finds its predecessor's verdict in the status. */
static void
restart_keeps_the_holder(void **state OVS_UNUSED)
{
    struct vif_row refused = row(1, "a", X, 5);

    refused.status = DUPLICATE"b";
    SCAN("1", refused, row(2, "b", X, 6));
    assert_held(1, "b", 6);
    assert_fault("a", DUPLICATE"b");
}

/* Many. */

#define N 1000

/* Scans 'n' interfaces, of ports and ofports 1 to 'n'; returns how many
 * changes were reported. */
static size_t
scan_many(size_t n)
{
    struct vif_row *rows = xcalloc(n, sizeof *rows);
    struct svec changed = SVEC_EMPTY_INITIALIZER;
    size_t n_changed;

    for (size_t i = 0; i < n; i++) {
        const struct uuid port = unit_uuid(UNIT_PORT, i + 1);

        rows[i] = row(i + 1, xasprintf("vif%"PRIuSIZE, i + 1),
                      xasprintf(UUID_FMT, UUID_ARGS(&port)), i + 1);
    }
    vif_table_scan(&vt, rows, n, note_change, &changed);
    for (size_t i = 0; i < n; i++) {
        free(CONST_CAST(char *, rows[i].name));
        free(CONST_CAST(char *, rows[i].iface_id));
    }
    free(rows);
    n_changed = changed.n;
    svec_destroy(&changed);
    return n_changed;
}

static void
thousand(void **state OVS_UNUSED)
{
    assert_int_equal(scan_many(N), N);
    for (size_t i = 1; i <= N; i++) {
        char *name = xasprintf("vif%"PRIuSIZE, i);

        assert_held(i, name, i);
        free(name);
    }
    assert_int_equal(scan_many(N), 0);
    assert_int_equal(scan_many(N - 1), 1);
    assert_int_equal(scan_many(0), N - 1);
    assert_int_equal(hmap_count(&vt.by_iface), 0);
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(plugged),
        TEST(nothing_changes),
        TEST(unplugged),
        TEST(ofport_changes),
        TEST(renamed),
        TEST(no_ofport_yet),
        TEST(could_not_be_opened),
        TEST(ofport_lost),
        TEST(ofport_out_of_range),
        TEST(not_a_uuid),
        TEST(more_than_a_uuid),
        TEST(iface_id_changes_in_place),
        TEST(iface_ids_are_exchanged),
        TEST(status_alone),
        TEST(later_is_refused),
        TEST(takeover),
        TEST(takeover_when_the_first_fails),
        TEST(takeover_when_the_first_is_anothers),
        TEST(refused_leaves),
        TEST(late_claim),
        TEST(late_claim_of_a_former_non_uuid),
        TEST(lower_ofport_was_first),
        TEST(failed_is_not_first),
        TEST(restart_keeps_the_holder),
        TEST(thousand),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
