/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_WRITE_H
#define API_WRITE_H 1

/* What a POST, PUT or DELETE of each resource does to the database.
 *
 * Each function adds to the transaction of an operation that is being built
 * (api/operation.h), or refuses the request.  'values' are normal forms by
 * attribute, from api/body.h; 'row' is the object's.  Single-threaded. */

#include <jansson.h>

#include "openvswitch/compiler.h"

struct api_error;
struct nb_row;
struct operation;

typedef struct api_error *write_create(struct operation *,
                                       const json_t *values);
typedef struct api_error *write_update(struct operation *,
                                       const struct nb_row *row,
                                       const json_t *values);
typedef struct api_error *write_delete(struct operation *,
                                       const struct nb_row *row);

write_create network_create, subnet_create_row, port_create;
write_update network_update, subnet_update_row, port_update, agent_update;
write_delete network_delete, subnet_delete, port_delete, agent_delete;

/* The row of intent that belongs to the row of an object: an agent's Host row,
 * which may be missing (NULL), or 'row' itself. */
const struct nb_row *write_intent(const struct operation *,
                                  const struct nb_row *row);

/* Puts into '*rowp' the row of the object 'op->id', if the viewer may change
 * it and the request's If-Match allows it. */
struct api_error *write_find(struct operation *op, const struct nb_row **rowp)
    OVS_WARN_UNUSED_RESULT;

/* Whether the viewer may do what is the owner's of 'network' alone. */
bool write_owns_network(const struct operation *,
                        const struct nb_row *network);

#endif /* api/write.h */
