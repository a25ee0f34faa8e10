/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The extensions, in Neutron's words.  See extension.h. */

#include <config.h>

#include "api/extension.h"

#include <string.h>

#include "api/resource.h"
#include "util.h"

const struct api_extension api_extensions[] = {
    { "agent", "agent", "The agent management extension.",
      "2013-02-03T10:00:00-00:00", false },
    { "binding", "Port Binding",
      "Expose port bindings of a virtual port to external application",
      "2014-02-03T10:00:00-00:00", false },
    { "empty-string-filtering", "Empty String Filtering Extension",
      "Allow filtering by attributes with empty string value",
      "2018-05-01T10:00:00-00:00", true },
    { "filter-validation", "Filter parameters validation",
      "Provides validation on filter parameters.",
      "2018-07-04T10:00:00-00:00", true },
    { "ip-substring-filtering", "IP address substring filtering",
      "Provides IP address substring filtering when listing ports",
      "2017-11-28T09:00:00-00:00", true },
    { "net-mtu", "Network MTU",
      "Provides MTU attribute for a network resource.",
      "2015-03-25T10:00:00-00:00", false },
    { "net-mtu-writable", "Network MTU (writable)",
      "Provides a writable MTU attribute for a network resource.",
      "2017-07-12T00:00:00-00:00", true },
    { "network-ip-availability", "Network IP Availability",
      "Provides IP availability data for each network and subnet.",
      "2015-09-24T00:00:00-00:00", true },
    { "pagination", "Pagination support",
      "Extension that indicates that pagination is enabled.",
      "2016-06-12T00:00:00-00:00", true },
    { "project-id", "project_id field enabled",
      "Extension that indicates that project_id field is enabled.",
      "2016-09-09T09:09:09-09:09", false },
    { "provider", "Provider Network",
      "Expose mapping of virtual networks to physical networks",
      "2012-09-07T10:00:00-00:00", false },
    { "revision-if-match", "If-Match constraints based on revision_number",
      "Extension indicating that If-Match based on revision_number is "
      "supported.",
      "2016-12-11T00:00:00-00:00", true },
    { "sorting", "Sorting support",
      "Extension that indicates that sorting is enabled.",
      "2016-06-12T00:00:00-00:00", true },
    { "standard-attr-description", "standard-attr-description",
      "Extension to add descriptions to standard attributes",
      "2016-02-10T10:00:00-00:00", false },
    { "standard-attr-revisions", "Resource revision numbers",
      "This extension will display the revision number of neutron "
      "resources.",
      "2016-04-11T10:00:00-00:00", false },
    { "standard-attr-tag",
      "Tag support for resources with standard attribute: port, subnet, "
      "subnetpool, network, security_group, router, floatingip, policy, "
      "trunk, network_segment_range",
      "Enables to set tag on resources with standard attribute.",
      "2017-01-01T00:00:00-00:00", false },
    { "standard-attr-timestamp", "Resource timestamps",
      "Adds created_at and updated_at fields to all Neutron resources that "
      "have Neutron standard attributes.",
      "2016-09-12T10:00:00-00:00", false },
    { "subnet-service-types", "Subnet service types",
      "Provides ability to set the subnet service_types field",
      "2016-03-15T18:00:00-00:00", false },
};
const size_t api_n_extensions = ARRAY_SIZE(api_extensions);

static bool
has_attributes(const char *alias)
{
    for (size_t i = 0; i < API_N_KINDS; i++) {
        const struct api_resource *resource = api_resources[i];

        for (size_t j = 0; j < resource->n_attrs; j++) {
            if (resource->attrs[j].alias
                && !strcmp(resource->attrs[j].alias, alias)) {
                return true;
            }
        }
    }
    return false;
}

static bool
is_listed(const struct api_extension *extension)
{
    return extension->behaviour || has_attributes(extension->alias);
}

const struct api_extension *
api_extension_find(const char *alias)
{
    for (size_t i = 0; i < api_n_extensions; i++) {
        const struct api_extension *extension = &api_extensions[i];

        if (!strcmp(extension->alias, alias) && is_listed(extension)) {
            return extension;
        }
    }
    return NULL;
}

static json_t *
extension_to_json(const struct api_extension *extension)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:[]}",
                     "name", extension->name,
                     "alias", extension->alias,
                     "description", extension->description,
                     "updated", extension->updated,
                     "links");
}

json_t *
api_extension_show(const struct api_extension *extension)
{
    return json_pack("{s:o}", "extension", extension_to_json(extension));
}

json_t *
api_extensions_show(void)
{
    json_t *array = json_array();

    for (size_t i = 0; i < api_n_extensions; i++) {
        if (is_listed(&api_extensions[i])) {
            json_array_append_new(array,
                                  extension_to_json(&api_extensions[i]));
        }
    }
    return json_pack("{s:o}", "extensions", array);
}
