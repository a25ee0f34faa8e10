#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The Networking API over plain HTTP: paths, lists and their pages, what is
only read, and who may do what."""

import contextlib
import hashlib
import urllib.parse

from lab import Lab, tap
from lab.rest import collection, member


@contextlib.contextmanager
def api(**settings):
    with Lab() as lab:
        notifier = lab.add_notifier(**settings)
        with notifier.client() as client:
            client.lab, client.notifier = lab, notifier
            yield client


@tap.case("paths: versions, suffixes, what is not there, what is not allowed")
def paths():
    with api() as client:
        version = client.get("/").json["versions"][0]
        assert version["id"] == "v2.0" and version["status"] == "CURRENT"
        url = client.notifier.url + "/v2.0/"
        assert version["links"] == [{"rel": "self", "href": url}]
        for path in ("/v2.0", "/v2.0/"):
            document = client.get(path).json
            assert document["version"] == version
            assert {r["collection"] for r in document["resources"]} == {
                "networks", "subnets", "ports", "agents"}
        for path in ("/v2.0/networks", "/v2.0/networks/",
                     "/v2.0/networks.json"):
            assert client.get(path).json == {"networks": []}
        listed = client.get("/v2.0/extensions").json
        assert client.get("/extensions").json == listed
        for extension in listed["extensions"]:
            for prefix in ("", "/v2.0"):
                path = "%s/extensions/%s" % (prefix, extension["alias"])
                assert client.get(path).json == {"extension": extension}
        assert client.get("/extensions/nosuch").status == 404
        for path in ("/projects/foo", "/projects?name=foo",
                     "/v2.0/projects/foo"):
            assert client.get(path).status == 403

        for path in ("/v2.0/routers", "/v3", "/v2.0/ports/a/b", "/x",
                     "//v2.0/ports", "/v2.0//ports", "/v2.0/../v2.0/ports",
                     "/v2.0/agents/x/tags"):
            reply = client.get(path)
            assert (reply.status, reply.type) == (404, "HTTPNotFound"), path
        for method, path, allow in (
                ("DELETE", "/v2.0/ports", {"GET", "HEAD", "POST"}),
                ("POST", "/v2.0/agents", {"GET", "HEAD"}),
                ("PATCH", "/v2.0/ports/x", {"GET", "HEAD", "PUT", "DELETE"}),
                ("PUT", "/v2.0/quotas/x", {"GET", "HEAD"}),
                ("POST", "/", {"GET", "HEAD"})):
            reply = client.request(method, path)
            assert (reply.status, reply.type) == (
                405, "HTTPMethodNotAllowed"), reply
            assert set(reply.headers["Allow"].split(", ")) == allow
        head = client.request("HEAD", "/v2.0/networks")
        assert head.status == 200 and not head.body
        assert head.headers["Content-Length"] == str(len(
            client.get("/v2.0/networks").body))


@tap.case("lists: filters, fields, pages that have each object once")
def lists():
    with api() as client:
        nets = client.bulk("network", [
            {"name": "n%02d" % i, "mtu": 1400 + i % 2} for i in range(25)])
        assert {n["id"] for n in client.list("network", mtu=1401)} == {
            n["id"] for n in nets if n["mtu"] == 1401}
        assert len(client.list("network", name=["n01", "n02"], mtu=1401)) == 1
        assert client.list("network", name="n03", fields="name") == [
            {"name": "n03"}]
        assert client.get(collection("network") + "?nosuch=1").status == 400

        def pages(query):
            path, names = collection("network") + "?" + query, []
            while path:
                reply = client.get(path).json
                names.append([n["name"] for n in reply["networks"]])
                links = {l["rel"]: l["href"]
                         for l in reply["networks_links"]}
                path = links.get("next")
                if path:
                    url = urllib.parse.urlsplit(path)
                    assert url.netloc == "127.0.0.1:9696"
                    path = url.path + "?" + url.query
            return names

        expected = ["n%02d" % i for i in range(25)]
        got = pages("limit=10&sort_key=name&sort_dir=asc")
        assert [len(p) for p in got] == [10, 10, 5]
        assert sum(got, []) == expected
        got = pages("limit=4&sort_key=name&sort_dir=desc")
        assert sum(got, []) == expected[::-1]
        assert sorted(sum(pages("limit=7"), [])) == expected
        assert "networks_links" not in client.get(collection("network")).json


@tap.case("quotas: there are none")
def quotas():
    with api() as client:
        client.create("network", project_id="red")
        limits = {"network": -1, "subnet": -1, "port": -1}
        assert client.get("/v2.0/quotas").json == {"quotas": []}
        for path in ("red", "red/default", "red.json"):
            assert client.get("/v2.0/quotas/" + path).json == {
                "quota": limits}
        details = client.get("/v2.0/quotas/red/details").json["quota"]
        assert details["network"] == {"limit": -1, "used": 1, "reserved": 0}
        assert details["port"]["used"] == 0


@tap.case("address availability, of subnets larger than 64 bits too")
def availability():
    with api() as client:
        net = client.create("network", name="blue")["id"]
        client.create("network", name="empty")
        for cidr, version in (("10.0.0.0/24", 4), ("2001:db8::/56", 6)):
            client.create("subnet", network_id=net, cidr=cidr,
                          ip_version=version)
        client.bulk("port", [{"network_id": net} for _ in range(3)])

        path = "/v2.0/network-ip-availabilities"
        shown = client.get(path + "/" + net).json["network_ip_availability"]
        by_version = {s["ip_version"]: s
                      for s in shown["subnet_ip_availability"]}
        assert by_version[4]["total_ips"] == 253
        assert by_version[4]["used_ips"] == 3 == by_version[6]["used_ips"]
        assert by_version[6]["total_ips"] == 2 ** 72 - 1
        assert shown["used_ips"] == 6
        assert shown["total_ips"] == 253 + 2 ** 72 - 1
        listed = client.get(path).json["network_ip_availabilities"]
        assert {n["network_name"] for n in listed} == {"blue", "empty"}
        assert shown in listed
        four = client.get(path + "?ip_version=4").json
        assert [(n["network_name"], n["total_ips"])
                for n in four["network_ip_availabilities"]] == [("blue", 253)]
        assert client.get(path + "?ip_version=5").status == 400


@tap.case("history: what was changed, from what to what, by whom")
def history():
    with api() as client:
        net = client.create("network", name="blue")["id"]
        client.update("network", net, admin_state_up=False)
        client.lab.nb.ctl("net-enable", "blue")
        client.remove("network", net)

        def ask(query="", **more):
            reply = client.get("/v2.0/history?id=%s&%s" % (net, query))
            assert reply.status == 200, reply
            return reply.json["history"]

        entries = ask()
        assert [e["verb"] for e in entries] == ["deleted", "updated",
                                                "updated", "created"]
        assert [e["by"].split(":")[0] for e in entries] == [
            "api", "nbctl", "api", "api"]
        assert entries[2]["changes"]["admin_state_up"] == [True, False]
        assert entries[1]["changes"]["admin_state_up"] == [False, True]
        assert ask("sort_dir=asc") == entries[::-1]
        assert ask("verb=deleted&verb=created") == [entries[0], entries[3]]
        assert ask("since=" + entries[1]["time"]) == entries[:2]
        assert ask("until=" + entries[1]["time"]) == entries[2:]
        assert ask("by=api") == [entries[0]] + entries[2:]

        path, got = "/v2.0/history?limit=1&id=" + net, []
        while path:
            reply = client.get(path).json
            got += reply["history"]
            links = reply.get("history_links")
            path = links and links[0]["href"].split(":9696")[1]
        assert got == entries
        for bad in ("since=yesterday", "verb=eaten", "limit=x", "nosuch=1",
                    "sort_dir=up", "marker=-1", "by=a&by=b"):
            assert client.get("/v2.0/history?" + bad).status == 400, bad


def token(secret, project, role, name):
    return "sha256:%s %s %s %s" % (
        hashlib.sha256(secret.encode()).hexdigest(), project, role, name)


@tap.case("roles: each sees and changes what is his")
def roles():
    lines = [token("a", "-", "admin", "root"), token("b", "blue", "member",
                                                     "bob"),
             token("c", "red", "member", "carl"),
             token("r", "blue", "reader", "rita")]
    with api(tokens=lines) as nobody:
        def door(secret):
            return nobody.notifier.client(token=secret)

        def status(client, method, path, body=None):
            reply = client.request(method, path, body)
            return reply.status, reply.type

        ports = collection("port")
        with door("a") as admin, door("b") as bob, door("c") as carl, \
                door("r") as rita:
            assert nobody.get("/").status == 200
            assert nobody.get(ports).status == 401
            assert nobody.get("/extensions").status == 401
            net = bob.create("network", name="bobs")
            assert net["project_id"] == "blue"
            assert "provider:network_type" not in net
            path = member("network", net["id"])
            shared = admin.create("network", shared=True, project_id="blue")
            public = member("network", shared["id"])

            # Not to be seen is not there; to be seen is not to be changed.
            change = {"network": {"name": "x"}}
            assert status(carl, "GET", path) == (404, "NetworkNotFound")
            assert status(carl, "PUT", path, change)[0] == 404
            assert status(carl, "DELETE", path)[0] == 404
            assert status(carl, "GET", public)[0] == 200
            assert status(carl, "PUT", public, change) == (
                403, "PolicyNotAuthorized")
            assert status(carl, "DELETE", public)[0] == 403
            assert [n["id"] for n in carl.list("network")] == [shared["id"]]
            for method, body in (("PUT", change), ("DELETE", None)):
                assert status(rita, method, path, body)[0] == 403
            assert status(rita, "POST", ports, {"port": {}})[0] == 403
            assert rita.show("network", net["id"]) == net

            def port(network, **more):
                return {"port": dict(more, network_id=network["id"])}
            assert status(carl, "POST", ports, port(net)) == (
                404, "NetworkNotFound")
            mine = carl.create("port", network_id=shared["id"])
            assert mine["project_id"] == "red"
            assert "binding:host_id" not in mine
            assert status(bob, "GET", member("port", mine["id"]))[0] == 404
            for more in ({"mac_address": "fa:16:3e:00:00:01"},
                         {"device_owner": "network:dhcp"},
                         {"fixed_ips": [{"ip_address": "10.0.0.1"}]},
                         {"binding:host_id": "hv1"},
                         {"project_id": "blue"}):
                assert status(carl, "POST", ports,
                              port(shared, **more))[0] in (400, 403), more
            subnet = {"subnet": {"network_id": shared["id"], "ip_version": 4,
                                 "cidr": "10.0.0.0/24"}}
            assert status(carl, "POST", collection("subnet"), subnet)[0] == 403
            assert status(bob, "POST", collection("network"),
                          {"network": {"shared": True}})[0] in (400, 403)
            reply = admin.put(public, {"network": {"shared": False}})
            assert reply.type == "InvalidSharedSetting", reply

            for path in ("/v2.0/network-ip-availabilities",
                         "/v2.0/quotas/red"):
                assert bob.get(path).status == 403
            told = bob.get("/v2.0/history").json["history"]
            assert told and {e["project_id"] for e in told} == {"blue"}
            assert {e["by"] for e in told} == {"api:bob", "api:root"}
            for query in ("project_id=red", "host=hv1"):
                assert bob.get("/v2.0/history?" + query).status == 403


tap.main()
