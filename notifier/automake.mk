# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# sluice-notifier is linked with Open vSwitch's libraries and jansson, which
# both have functions named json_...().  Only what is in door/ and nb/ uses the
# former's, under other names (see build-aux/ovs.mk); all else can use jansson.
#
# Sources are sorted, one a line.

sbin_PROGRAMS += notifier/sluice-notifier
notifier_sluice_notifier_SOURCES = notifier/sluice-notifier.c
notifier_sluice_notifier_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
notifier_sluice_notifier_LDADD = $(NOTIFIER_LIBS)

man_MANS += notifier/sluice-notifier.8
EXTRA_DIST += notifier/sluice-notifier.8

# For door/ and nb/, and unit tests of them.
NOTIFIER_NB_CPPFLAGS = \
	$(AM_CPPFLAGS) -I $(top_srcdir)/notifier $(OVS_JSON_CPPFLAGS) \
	$(SSL_CFLAGS)
NOTIFIER_NB_LIBS = \
	notifier/libnotifier-nb.la \
	lib/libsluice-util.la \
	$(OVS_RENAMED_LIBS) \
	$(SSL_LIBS)

# For the rest, and unit tests of it.
NOTIFIER_CPPFLAGS = \
	$(AM_CPPFLAGS) \
	-I $(top_srcdir)/notifier \
	$(NO_OVS_JSON_CPPFLAGS) \
	$(CRYPTO_CFLAGS) \
	$(GNUTLS_CFLAGS) \
	$(JANSSON_CFLAGS) \
	$(MICROHTTPD_CFLAGS) \
	$(SQLITE_CFLAGS) \
	-DSLUICE_LOCALSTATEDIR='"$(localstatedir)"'
NOTIFIER_LIBS = \
	notifier/libsluice-notifier.la \
	lib/libsluice-util.la \
	$(OVS_RENAMED_LIBS) \
	$(CRYPTO_LIBS) \
	$(GNUTLS_LIBS) \
	$(JANSSON_LIBS) \
	$(MICROHTTPD_LIBS) \
	$(SQLITE_LIBS) \
	$(SSL_LIBS)

# The side of Open vSwitch's JSON.
noinst_LTLIBRARIES += notifier/libnotifier-nb.la
notifier_libnotifier_nb_la_CPPFLAGS = $(NOTIFIER_NB_CPPFLAGS)
notifier_libnotifier_nb_la_SOURCES = \
	notifier/door/access-private.h \
	notifier/door/access-rows.c \
	notifier/door/access.c \
	notifier/door/access.h \
	notifier/door/door.c \
	notifier/door/door.h \
	notifier/door/forward.c \
	notifier/door/locks-private.h \
	notifier/door/locks-session.c \
	notifier/door/locks.c \
	notifier/door/locks.h \
	notifier/door/method.c \
	notifier/door/monitors.c \
	notifier/door/operations.c \
	notifier/door/operations.h \
	notifier/door/private.h \
	notifier/door/server-db.c \
	notifier/door/server-db.h \
	notifier/door/session.c \
	notifier/door/show.c \
	notifier/monitor/compose.c \
	notifier/monitor/compose.h \
	notifier/monitor/condition.c \
	notifier/monitor/condition.h \
	notifier/monitor/db.c \
	notifier/monitor/db.h \
	notifier/monitor/history.c \
	notifier/monitor/history.h \
	notifier/monitor/monitor.c \
	notifier/monitor/monitor.h \
	notifier/monitor/request.c \
	notifier/monitor/request.h \
	notifier/monitor/rows.c \
	notifier/monitor/rows.h \
	notifier/monitor/shape.c \
	notifier/monitor/shape.h \
	notifier/monitor/since.c \
	notifier/monitor/since.h \
	notifier/monitor/state.c \
	notifier/monitor/state.h \
	notifier/monitor/table.c \
	notifier/monitor/table.h \
	notifier/monitor/version.c \
	notifier/monitor/version.h \
	notifier/monitor/view.c \
	notifier/monitor/view.h \
	notifier/nb/apply.c \
	notifier/nb/apply.h \
	notifier/nb/columns.h \
	notifier/nb/feed.h \
	notifier/nb/index.c \
	notifier/nb/index.h \
	notifier/nb/json-text.c \
	notifier/nb/json-text.h \
	notifier/nb/layout.c \
	notifier/nb/layout.h \
	notifier/nb/replica-private.h \
	notifier/nb/replica.c \
	notifier/nb/replica.h \
	notifier/nb/row.c \
	notifier/nb/row.h \
	notifier/nb/send.c \
	notifier/nb/write.c \
	notifier/nb/write.h \
	notifier/rpc/conn.c \
	notifier/rpc/framer.c \
	notifier/rpc/framer.h \
	notifier/rpc/input.c \
	notifier/rpc/internal.h \
	notifier/rpc/listen.c \
	notifier/rpc/listen.h \
	notifier/rpc/output.c \
	notifier/rpc/rpc.c \
	notifier/rpc/rpc.h \
	notifier/rpc/silence.c \
	notifier/rpc/tls.c \
	notifier/rpc/tls.h \
	notifier/rpc/wire.c \
	notifier/rpc/wire.h

# Everything but main(), for the unit tests to link; libnotifier-nb.la is in
# it.
noinst_LTLIBRARIES += notifier/libsluice-notifier.la
notifier_libsluice_notifier_la_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
notifier_libsluice_notifier_la_LIBADD = notifier/libnotifier-nb.la
notifier_libsluice_notifier_la_SOURCES = \
	notifier/api/addresses.c \
	notifier/api/addresses.h \
	notifier/api/agent.c \
	notifier/api/api-private.h \
	notifier/api/api.c \
	notifier/api/api.h \
	notifier/api/attr-filter.c \
	notifier/api/attr-list.c \
	notifier/api/attr-type.c \
	notifier/api/attr-type.h \
	notifier/api/attr.c \
	notifier/api/attr.h \
	notifier/api/availability.c \
	notifier/api/body.c \
	notifier/api/body.h \
	notifier/api/claims.c \
	notifier/api/claims.h \
	notifier/api/error.c \
	notifier/api/error.h \
	notifier/api/extension.c \
	notifier/api/extension.h \
	notifier/api/get.c \
	notifier/api/global.c \
	notifier/api/global.h \
	notifier/api/history-query.c \
	notifier/api/history-query.h \
	notifier/api/history.c \
	notifier/api/info.c \
	notifier/api/json.c \
	notifier/api/json.h \
	notifier/api/list.c \
	notifier/api/network.c \
	notifier/api/operation-parse.c \
	notifier/api/operation-parse.h \
	notifier/api/operation-run.c \
	notifier/api/operation.c \
	notifier/api/operation.h \
	notifier/api/port-addresses.c \
	notifier/api/port-addresses.h \
	notifier/api/port-ips.c \
	notifier/api/port-ips.h \
	notifier/api/port.c \
	notifier/api/query-run.c \
	notifier/api/query.c \
	notifier/api/query.h \
	notifier/api/quota.c \
	notifier/api/record.c \
	notifier/api/record.h \
	notifier/api/reply.c \
	notifier/api/reply.h \
	notifier/api/resource.c \
	notifier/api/resource.h \
	notifier/api/route.c \
	notifier/api/route.h \
	notifier/api/segment.c \
	notifier/api/segment.h \
	notifier/api/show.c \
	notifier/api/subnet-row.c \
	notifier/api/subnet-row.h \
	notifier/api/subnet-values.c \
	notifier/api/subnet-values.h \
	notifier/api/subnet.c \
	notifier/api/tables.h \
	notifier/api/tags.c \
	notifier/api/wait.c \
	notifier/api/wait.h \
	notifier/api/write-agent.c \
	notifier/api/write-network.c \
	notifier/api/write-port.c \
	notifier/api/write-subnet.c \
	notifier/api/write.c \
	notifier/api/write.h \
	notifier/collector.c \
	notifier/collector.h \
	notifier/commands.c \
	notifier/commands.h \
	notifier/events/batch.c \
	notifier/events/batch.h \
	notifier/events/catch-up.c \
	notifier/events/catch-up.h \
	notifier/events/client.c \
	notifier/events/client.h \
	notifier/events/due.c \
	notifier/events/due.h \
	notifier/events/events.c \
	notifier/events/events.h \
	notifier/events/facts.c \
	notifier/events/facts.h \
	notifier/events/hub.c \
	notifier/events/hub.h \
	notifier/events/outbox.c \
	notifier/events/outbox.h \
	notifier/events/text.c \
	notifier/events/text.h \
	notifier/events/topic-index.c \
	notifier/events/topic-index.h \
	notifier/events/topic.c \
	notifier/events/topic.h \
	notifier/health.c \
	notifier/health.h \
	notifier/http/auth.c \
	notifier/http/auth.h \
	notifier/http/conn.c \
	notifier/http/counts.c \
	notifier/http/counts.h \
	notifier/http/exchange.c \
	notifier/http/head.c \
	notifier/http/head.h \
	notifier/http/internal.h \
	notifier/http/linger.c \
	notifier/http/listen.c \
	notifier/http/listen.h \
	notifier/http/request.c \
	notifier/http/request.h \
	notifier/http/server.c \
	notifier/http/server.h \
	notifier/http/stream.c \
	notifier/http/stream.h \
	notifier/http/target.c \
	notifier/http/target.h \
	notifier/http/tokens.c \
	notifier/http/tokens.h \
	notifier/http/wire.c \
	notifier/ipam/addr-set.c \
	notifier/ipam/addr-set.h \
	notifier/ipam/address.c \
	notifier/ipam/address.h \
	notifier/ipam/choose.c \
	notifier/ipam/choose.h \
	notifier/ipam/chooser.c \
	notifier/ipam/chooser.h \
	notifier/ipam/error.c \
	notifier/ipam/error.h \
	notifier/ipam/subnet-parts.c \
	notifier/ipam/subnet-parts.h \
	notifier/ipam/subnet-pools.c \
	notifier/ipam/subnet-pools.h \
	notifier/ipam/subnet-rules.c \
	notifier/ipam/subnet-rules.h \
	notifier/ipam/u128.c \
	notifier/ipam/u128.h \
	notifier/journal/compare.c \
	notifier/journal/compare.h \
	notifier/journal/journal-checkpoint.c \
	notifier/journal/journal-entry.c \
	notifier/journal/journal-history.c \
	notifier/journal/journal-id.c \
	notifier/journal/journal-private.h \
	notifier/journal/journal-read.c \
	notifier/journal/journal-retention.c \
	notifier/journal/journal-schema.c \
	notifier/journal/journal-session.c \
	notifier/journal/journal-sql.c \
	notifier/journal/journal-sql.h \
	notifier/journal/journal-state.c \
	notifier/journal/journal-write.c \
	notifier/journal/journal.c \
	notifier/journal/journal.h \
	notifier/journal/marks.c \
	notifier/journal/marks.h \
	notifier/journal/object-facts.c \
	notifier/journal/object-facts.h \
	notifier/journal/recorder.c \
	notifier/journal/recorder.h \
	notifier/json-check.c \
	notifier/json-check.h \
	notifier/lag.c \
	notifier/lag.h \
	notifier/metrics.c \
	notifier/metrics.h \
	notifier/notifier-private.h \
	notifier/notifier-show.c \
	notifier/notifier.c \
	notifier/notifier.h
