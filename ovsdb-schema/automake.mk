# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

dist_pkgdata_DATA += ovsdb-schema/sluice-nb.ovsschema

# A schema changed without its version and checksum fails the build.
ALL_LOCAL += ovsdb-schema/sluice-nb.ovsschema.stamp
CLEANFILES += ovsdb-schema/sluice-nb.ovsschema.stamp
ovsdb-schema/sluice-nb.ovsschema.stamp: ovsdb-schema/sluice-nb.ovsschema
	@$(MKDIR_P) ovsdb-schema
	$(AM_V_GEN)$(OVS_SRCDIR)/build-aux/cksum-schema-check $< $@

# sluice-nb(5).
EXTRA_DIST += \
	ovsdb-schema/ovsdb-doc.sed \
	ovsdb-schema/sluice-nb.xml
man_MANS += ovsdb-schema/sluice-nb.5
CLEANFILES += ovsdb-schema/sluice-nb.5
ovsdb-schema/sluice-nb.5: ovsdb-schema/sluice-nb.ovsschema \
		ovsdb-schema/sluice-nb.xml ovsdb-schema/ovsdb-doc.sed
	@$(MKDIR_P) ovsdb-schema
	$(AM_V_GEN)$(run_python) $(OVS_SRCDIR)/ovsdb/ovsdb-doc \
	    --version=$(VERSION) \
	    $(srcdir)/ovsdb-schema/sluice-nb.ovsschema \
	    $(srcdir)/ovsdb-schema/sluice-nb.xml >$@.tmp0 && \
	$(SED) -f $(srcdir)/ovsdb-schema/ovsdb-doc.sed $@.tmp0 >$@.tmp && \
	rm $@.tmp0 && mv $@.tmp $@
