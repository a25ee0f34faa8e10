/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* New names for the functions of Open vSwitch's JSON library that jansson
 * defines too, for a program that is linked with both.
 *
 * This is the only list of them.  Source that uses Open vSwitch's JSON in such
 * a program is compiled with "-include" of this file, and from its lines
 * build-aux/rename-ovs-json.sh makes a copy of Open vSwitch's libraries in
 * which the functions have the new names.  tests/unit/symbols.py fails when
 * one is missing here. */

#ifndef OVS_JSON_NAMES_H
#define OVS_JSON_NAMES_H 1

#define json_array ovs_json_array
#define json_equal ovs_json_equal
#define json_integer ovs_json_integer
#define json_object ovs_json_object
#define json_real ovs_json_real
#define json_string ovs_json_string

#endif /* build-aux/ovs-json-names.h */
