/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef JSON_CHECK_H
#define JSON_CHECK_H 1

/* Ends the program with a message unless Open vSwitch's JSON library and
 * jansson, of which each has a json_string(), are both called under their own
 * names (see build-aux/ovs.mk). */
void json_check(void);

#endif /* notifier/json-check.h */
