/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef NB_JSON_TEXT_H
#define NB_JSON_TEXT_H 1

/* JSON text made by Open vSwitch's library, for those that cannot include its
 * header because they use jansson.  This header includes neither library. */

/* Returns 's', which is UTF-8, as the text of a JSON string with its quotes,
 * for the caller to free. */
char *nb_json_text(const char *s);

#endif /* notifier/nb/json-text.h */
