/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Every table and column of the northbound database that the notifier reads
 * or writes by name: one list, checked against the server's schema when it is
 * learned (see replica.h), so that a column that is missing or of another
 * type is one clear error at the start and not a surprise later.
 *
 * The types are those of sluice-nb(5) in short:
 *
 *     BOOLEAN, INTEGER, STRING, UUID   exactly one value
 *     REF                              at most one row of another table
 *     STRINGS, REFS                    a set
 *     MAP                              strings by strings
 *
 * A column is INDEXED where rows are looked up by one of its values (see
 * index.h).
 *
 * This header includes neither JSON library. */

#ifndef NB_COLUMNS_H
#define NB_COLUMNS_H 1

#define NB_DATABASE "Sluice_Northbound"

#define NB_TABLES                                       \
    NB_TABLE(GLOBAL,          "NB_Global")              \
    NB_TABLE(NETWORK,         "Network")                \
    NB_TABLE(SEGMENT,         "Segment")                \
    NB_TABLE(SUBNET,          "Subnet")                 \
    NB_TABLE(PORT,            "Port")                   \
    NB_TABLE(ALLOCATION,      "IP_Allocation")          \
    NB_TABLE(HOST,            "Host")                   \
    NB_TABLE(AGENT,           "Agent")                  \
    NB_TABLE(PORT_BINDING,    "Port_Binding")           \
    NB_TABLE(NETWORK_BINDING, "Network_Binding")        \
    NB_TABLE(PORT_LOCATION,   "Port_Location")          \
    NB_TABLE(NETWORK_LOCATION, "Network_Location")

#define NB_COLUMNS                                                      \
    NB_COLUMN(GLOBAL, OPTIONS, "options", MAP, 0)                       \
    NB_COLUMN(GLOBAL, LAST_DELETION, "last_deletion", STRING, 0)        \
                                                                        \
    NB_COLUMN(NETWORK, NAME, "name", STRING, 1)                         \
    NB_COLUMN(NETWORK, PROJECT_ID, "project_id", STRING, 0)             \
    NB_COLUMN(NETWORK, ADMIN_STATE_UP, "admin_state_up", BOOLEAN, 0)    \
    NB_COLUMN(NETWORK, SHARED, "shared", BOOLEAN, 0)                    \
    NB_COLUMN(NETWORK, MTU, "mtu", INTEGER, 0)                          \
    NB_COLUMN(NETWORK, SEGMENT, "segment", REF, 1)                      \
    NB_COLUMN(NETWORK, DESCRIPTION, "description", STRING, 0)           \
    NB_COLUMN(NETWORK, TAGS, "tags", STRINGS, 0)                        \
    NB_COLUMN(NETWORK, REVISION_NUMBER, "revision_number", INTEGER, 0)  \
    NB_COLUMN(NETWORK, CREATED_AT, "created_at", STRING, 0)             \
    NB_COLUMN(NETWORK, UPDATED_AT, "updated_at", STRING, 0)             \
    NB_COLUMN(NETWORK, UPDATED_BY, "updated_by", STRING, 0)             \
    NB_COLUMN(NETWORK, EXTERNAL_IDS, "external_ids", MAP, 0)            \
                                                                        \
    NB_COLUMN(SEGMENT, NETWORK_TYPE, "network_type", STRING, 0)         \
    NB_COLUMN(SEGMENT, PHYSICAL_NETWORK, "physical_network", STRING, 0) \
    NB_COLUMN(SEGMENT, SEGMENTATION_ID, "segmentation_id", INTEGER, 1)  \
                                                                        \
    NB_COLUMN(SUBNET, NETWORK, "network", REF, 1)                       \
    NB_COLUMN(SUBNET, NAME, "name", STRING, 1)                          \
    NB_COLUMN(SUBNET, PROJECT_ID, "project_id", STRING, 0)              \
    NB_COLUMN(SUBNET, CIDR, "cidr", STRING, 0)                          \
    NB_COLUMN(SUBNET, IP_VERSION, "ip_version", INTEGER, 0)             \
    NB_COLUMN(SUBNET, GATEWAY_IP, "gateway_ip", STRING, 0)              \
    NB_COLUMN(SUBNET, ENABLE_DHCP, "enable_dhcp", BOOLEAN, 0)           \
    NB_COLUMN(SUBNET, ALLOCATION_POOLS, "allocation_pools", STRINGS, 0) \
    NB_COLUMN(SUBNET, DNS_NAMESERVERS, "dns_nameservers", STRING, 0)    \
    NB_COLUMN(SUBNET, HOST_ROUTES, "host_routes", STRINGS, 0)           \
    NB_COLUMN(SUBNET, IPV6_ADDRESS_MODE, "ipv6_address_mode", STRING, 0) \
    NB_COLUMN(SUBNET, IPV6_RA_MODE, "ipv6_ra_mode", STRING, 0)          \
    NB_COLUMN(SUBNET, SERVICE_TYPES, "service_types", STRINGS, 0)       \
    NB_COLUMN(SUBNET, DESCRIPTION, "description", STRING, 0)            \
    NB_COLUMN(SUBNET, TAGS, "tags", STRINGS, 0)                         \
    NB_COLUMN(SUBNET, REVISION_NUMBER, "revision_number", INTEGER, 0)   \
    NB_COLUMN(SUBNET, CREATED_AT, "created_at", STRING, 0)              \
    NB_COLUMN(SUBNET, UPDATED_AT, "updated_at", STRING, 0)              \
    NB_COLUMN(SUBNET, UPDATED_BY, "updated_by", STRING, 0)              \
    NB_COLUMN(SUBNET, EXTERNAL_IDS, "external_ids", MAP, 0)             \
                                                                        \
    NB_COLUMN(PORT, NETWORK, "network", REF, 1)                         \
    NB_COLUMN(PORT, NAME, "name", STRING, 1)                            \
    NB_COLUMN(PORT, PROJECT_ID, "project_id", STRING, 0)                \
    NB_COLUMN(PORT, ADMIN_STATE_UP, "admin_state_up", BOOLEAN, 0)       \
    NB_COLUMN(PORT, MAC_ADDRESS, "mac_address", STRING, 1)              \
    NB_COLUMN(PORT, HOST, "host", STRING, 1)                            \
    NB_COLUMN(PORT, DEVICE_ID, "device_id", STRING, 1)                  \
    NB_COLUMN(PORT, DEVICE_OWNER, "device_owner", STRING, 0)            \
    NB_COLUMN(PORT, IP_ALLOCATIONS, "ip_allocations", REFS, 1)          \
    NB_COLUMN(PORT, VNIC_TYPE, "vnic_type", STRING, 0)                  \
    NB_COLUMN(PORT, BINDING_PROFILE, "binding_profile", MAP, 0)         \
    NB_COLUMN(PORT, PORT_SECURITY_ENABLED, "port_security_enabled",     \
              BOOLEAN, 0)                                               \
    NB_COLUMN(PORT, DESCRIPTION, "description", STRING, 0)              \
    NB_COLUMN(PORT, TAGS, "tags", STRINGS, 0)                           \
    NB_COLUMN(PORT, REVISION_NUMBER, "revision_number", INTEGER, 0)     \
    NB_COLUMN(PORT, CREATED_AT, "created_at", STRING, 0)                \
    NB_COLUMN(PORT, UPDATED_AT, "updated_at", STRING, 0)                \
    NB_COLUMN(PORT, UPDATED_BY, "updated_by", STRING, 0)                \
    NB_COLUMN(PORT, EXTERNAL_IDS, "external_ids", MAP, 0)               \
                                                                        \
    NB_COLUMN(ALLOCATION, SUBNET, "subnet", REF, 1)                     \
    NB_COLUMN(ALLOCATION, IP_ADDRESS, "ip_address", STRING, 1)          \
                                                                        \
    NB_COLUMN(HOST, HOST, "host", STRING, 1)                            \
    NB_COLUMN(HOST, ADMIN_STATE_UP, "admin_state_up", BOOLEAN, 0)       \
    NB_COLUMN(HOST, DESCRIPTION, "description", STRING, 0)              \
    NB_COLUMN(HOST, TAGS, "tags", STRINGS, 0)                           \
    NB_COLUMN(HOST, REVISION_NUMBER, "revision_number", INTEGER, 0)     \
    NB_COLUMN(HOST, CREATED_AT, "created_at", STRING, 0)                \
    NB_COLUMN(HOST, UPDATED_AT, "updated_at", STRING, 0)                \
    NB_COLUMN(HOST, UPDATED_BY, "updated_by", STRING, 0)                \
    NB_COLUMN(HOST, EXTERNAL_IDS, "external_ids", MAP, 0)               \
                                                                        \
    NB_COLUMN(AGENT, HOST, "host", STRING, 1)                           \
    NB_COLUMN(AGENT, ENCAPS, "encaps", MAP, 0)                          \
    NB_COLUMN(AGENT, BRIDGE_MAPPINGS, "bridge_mappings", MAP, 0)        \
    NB_COLUMN(AGENT, BRIDGE, "bridge", STRING, 0)                       \
    NB_COLUMN(AGENT, DATAPATH_TYPE, "datapath_type", STRING, 0)         \
    NB_COLUMN(AGENT, ROLES, "roles", STRINGS, 0)                        \
    NB_COLUMN(AGENT, SUBSCRIPTIONS, "subscriptions", MAP, 0)            \
    NB_COLUMN(AGENT, VERSION, "version", STRING, 0)                     \
    NB_COLUMN(AGENT, HOST_REVISION_NUMBER, "host_revision_number",      \
              INTEGER, 0)                                               \
    NB_COLUMN(AGENT, HEARTBEAT, "heartbeat", INTEGER, 0)                \
    NB_COLUMN(AGENT, EXTERNAL_IDS, "external_ids", MAP, 0)              \
                                                                        \
    NB_COLUMN(PORT_BINDING, PORT, "port", UUID, 1)                      \
    NB_COLUMN(PORT_BINDING, NETWORK, "network", UUID, 0)                \
    NB_COLUMN(PORT_BINDING, HOST, "host", STRING, 1)                    \
    NB_COLUMN(PORT_BINDING, UP, "up", BOOLEAN, 0)                       \
    NB_COLUMN(PORT_BINDING, REVISION_NUMBER, "revision_number",         \
              INTEGER, 0)                                               \
    NB_COLUMN(PORT_BINDING, FAULT, "fault", STRING, 0)                  \
                                                                        \
    NB_COLUMN(NETWORK_BINDING, NETWORK, "network", UUID, 1)             \
    NB_COLUMN(NETWORK_BINDING, HOST, "host", STRING, 1)                 \
    NB_COLUMN(NETWORK_BINDING, REVISION_NUMBER, "revision_number",      \
              INTEGER, 0)                                               \
    NB_COLUMN(NETWORK_BINDING, ENCAP, "encap", STRING, 0)               \
    NB_COLUMN(NETWORK_BINDING, FAULT, "fault", STRING, 0)               \
                                                                        \
    NB_COLUMN(PORT_LOCATION, PORT, "port", UUID, 0)                     \
    NB_COLUMN(PORT_LOCATION, HOST, "host", STRING, 0)                   \
                                                                        \
    NB_COLUMN(NETWORK_LOCATION, NETWORK, "network", UUID, 0)            \
    NB_COLUMN(NETWORK_LOCATION, HOST, "host", STRING, 0)

/* NB_PORT and so on. */
enum nb_table {
#define NB_TABLE(TABLE, NAME) NB_##TABLE,
    NB_TABLES
#undef NB_TABLE
    NB_N_TABLES
};

/* NB_PORT_NAME and so on. */
enum nb_column {
#define NB_COLUMN(TABLE, COLUMN, NAME, TYPE, INDEXED) NB_##TABLE##_##COLUMN,
    NB_COLUMNS
#undef NB_COLUMN
    NB_N_COLUMNS
};

#endif /* nb/columns.h */
