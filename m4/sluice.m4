# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

dnl SLUICE_ENABLE_SANITIZERS
dnl
dnl --enable-sanitizers builds Sluice, and the Open vSwitch libraries below it,
dnl with AddressSanitizer; Sluice itself with UndefinedBehaviorSanitizer too
dnl (Open vSwitch is not clean under it, and is not ours to change).
AC_DEFUN([SLUICE_ENABLE_SANITIZERS],
  [AC_ARG_ENABLE([sanitizers],
     [AS_HELP_STRING([--enable-sanitizers],
        [build with AddressSanitizer and UndefinedBehaviorSanitizer])],
     [], [enable_sanitizers=no])
   OVS_SANITIZER_CFLAGS=
   SANITIZER_CFLAGS=
   if test "$enable_sanitizers" = yes; then
     OVS_SANITIZER_CFLAGS="-fsanitize=address -fno-omit-frame-pointer"
     SANITIZER_CFLAGS="$OVS_SANITIZER_CFLAGS -fsanitize=undefined"
     SANITIZER_CFLAGS="$SANITIZER_CFLAGS -fno-sanitize-recover=undefined"
   fi
   AC_SUBST([OVS_SANITIZER_CFLAGS])
   AC_SUBST([SANITIZER_CFLAGS])
   AM_CONDITIONAL([SANITIZERS], [test "$enable_sanitizers" = yes])])

dnl SLUICE_CHECK_OVS
dnl
dnl Sluice uses libopenvswitch headers that Open vSwitch does not install
dnl (ovsdb-idl.h, db-ctl-base.h, unixctl.h, ...), so, like OVN, it builds
dnl against a source tree.  Sets OVS_SRCDIR and OVS_BUILDDIR.  The tree is
dnl configured here and built by make, once.
AC_DEFUN([SLUICE_CHECK_OVS],
  [AC_ARG_WITH([ovs-source],
     [AS_HELP_STRING([--with-ovs-source=DIR],
        [Open vSwitch source tree (default: unpacked from the package
         openvswitch-source)])])
   AC_ARG_WITH([ovs-build],
     [AS_HELP_STRING([--with-ovs-build=DIR],
        [Open vSwitch build directory, to share one between builds
         (default: made here, in ovs-build)])])

   AC_MSG_CHECKING([for the Open vSwitch source])
   ovs_tarball=/usr/src/openvswitch/openvswitch.tar.gz
   case "$with_ovs_source" in
   '' | yes | no)
     if test ! -f ovs-source/vswitchd/bridge.c; then
       if test ! -f "$ovs_tarball"; then
         AC_MSG_ERROR([no $ovs_tarball: install the package
openvswitch-source, or give --with-ovs-source=DIR])
       fi
       rm -rf ovs-source && mkdir ovs-source &&
       tar xzf "$ovs_tarball" -C ovs-source --strip-components=1 ||
         AC_MSG_ERROR([cannot unpack $ovs_tarball])
     fi
     OVS_SRCDIR=`pwd`/ovs-source ;;
   *)
     OVS_SRCDIR=`cd "$with_ovs_source" && pwd` ;;
   esac
   if test ! -f "$OVS_SRCDIR/vswitchd/bridge.c"; then
     AC_MSG_ERROR([$OVS_SRCDIR is not an Open vSwitch source tree])
   fi
   if test ! -x "$OVS_SRCDIR/configure"; then
     AC_MSG_ERROR([$OVS_SRCDIR has no configure script: run its boot.sh])
   fi
   AC_MSG_RESULT([$OVS_SRCDIR])

   case "$with_ovs_build" in
   '' | yes | no) OVS_BUILDDIR=`pwd`/ovs-build ;;
   *) mkdir -p "$with_ovs_build" &&
      OVS_BUILDDIR=`cd "$with_ovs_build" && pwd` ;;
   esac
   AC_MSG_CHECKING([for a configured Open vSwitch build])
   if test -f "$OVS_BUILDDIR/config.status"; then
     AC_MSG_RESULT([$OVS_BUILDDIR])
   else
     AC_MSG_RESULT([no, configuring one in $OVS_BUILDDIR (a minute)])
     mkdir -p "$OVS_BUILDDIR"
     dnl The directories are those of Debian's ovs-vswitchd, which the agent
     dnl must find, whatever Sluice's own prefix is.
     (cd "$OVS_BUILDDIR" &&
      "$OVS_SRCDIR/configure" --prefix=/usr --localstatedir=/var \
         --sysconfdir=/etc --disable-libcapng CC="$CC" \
         CFLAGS="-O2 -g $OVS_SANITIZER_CFLAGS" >configure.log 2>&1) ||
       AC_MSG_ERROR([cannot configure Open vSwitch: see
$OVS_BUILDDIR/configure.log])
   fi
   if grep '^#define HAVE_OPENSSL 1' "$OVS_BUILDDIR/config.h" >/dev/null; then
     :
   else
     AC_MSG_ERROR([$OVS_BUILDDIR is configured without OpenSSL])
   fi
   AC_SUBST([OVS_SRCDIR])
   AC_SUBST([OVS_BUILDDIR])])

dnl SLUICE_WARNINGS
AC_DEFUN([SLUICE_WARNINGS],
  [AC_ARG_ENABLE([werror],
     [AS_HELP_STRING([--disable-werror], [do not make warnings errors])],
     [], [enable_werror=yes])
   WARNING_CFLAGS="-Wall -Wextra -Wstrict-prototypes -Wold-style-definition"
   WARNING_CFLAGS="$WARNING_CFLAGS -Wmissing-prototypes -Wpointer-arith"
   WARNING_CFLAGS="$WARNING_CFLAGS -Wformat -Wformat-security -Wcast-align"
   WARNING_CFLAGS="$WARNING_CFLAGS -Wshadow=local"
   if test "$enable_werror" = yes; then
     WARNING_CFLAGS="$WARNING_CFLAGS -Werror"
   fi
   dnl clang compares signs inside VLOG_*(), which is OVS's.
   AC_MSG_CHECKING([whether $CC is clang])
   AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#ifndef __clang__
#error
#endif]], [])], [AC_MSG_RESULT([yes])
      WARNING_CFLAGS="$WARNING_CFLAGS -Wno-sign-compare"],
     [AC_MSG_RESULT([no])])
   dnl clang has no "=local" and its -Wshadow objects to OVS's own iterators.
   AC_MSG_CHECKING([whether $CC takes -Wshadow=local])
   sluice_save_CFLAGS=$CFLAGS
   CFLAGS="$CFLAGS -Werror -Wshadow=local"
   AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])],
     [AC_MSG_RESULT([no])
      WARNING_CFLAGS=`echo "$WARNING_CFLAGS" | sed 's/ -Wshadow=local//'`])
   CFLAGS=$sluice_save_CFLAGS
   AC_SUBST([WARNING_CFLAGS])])

dnl SLUICE_REQUIRE(PREFIX, PKG-CONFIG MODULE, DEBIAN PACKAGE)
dnl
dnl Sets PREFIX_CFLAGS and PREFIX_LIBS, or fails and names the package.
AC_DEFUN([SLUICE_REQUIRE],
  [PKG_CHECK_MODULES([$1], [$2], [],
     [AC_MSG_ERROR([$2 is needed: install the package $3
(./dev deps installs all that is missing)])])])
