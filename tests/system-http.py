#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The HTTP server of sluice-notifier, by itself: what clients may do."""

import json
import os
import socket
import ssl
import tempfile
import warnings

from lab import tap
from lab.echo import Echo, closed, receive, request
from lab.process import wait_until
from lab.tls import Authority


@tap.case("requests come as they were sent")
def echoed():
    with Echo() as echo:
        reply = echo.get("/v2.0//a%2Fb/?x=1&y=%C3%A9&x=+&z")
        assert reply["segments"] == ["v2.0", "", "a/b"], reply
        assert reply["query"] == [["x", "1"], ["y", "é"], ["x", " "],
                                  ["z", ""]], reply
        assert ["Host", "h"] in reply["headers"], reply
        reply = echo.post("/x", b'{"port": {}}')
        assert reply["body"] == '{"port": {}}' and reply["method"] == "POST"
        status, reply = echo.ask(request("BREW", "/pot"))
        assert status == 200 and json.loads(reply)["method"] == "BREW"
        status, reply = echo.ask(request("OPTIONS", "*"))
        assert status == 200 and json.loads(reply)["segments"] == []
        with echo.send(request("HEAD", "/size?bytes=100")) as s:
            assert receive(s, "HEAD") == (200, b"")
            s.sendall(request("GET", "/size?bytes=3"))
            assert receive(s) == (200, b"xxx")


@tap.case("one connection serves request after request")
def keep_alive():
    with Echo() as echo:
        with echo.connect() as s:
            for i in range(100):
                s.sendall(request("POST", "/%d" % i, b"x" * i))
                status, body = receive(s)
                assert status == 200 and json.loads(body)["length"] == i
            assert echo.stats()["connections"] == 1
        echo.await_stats(connections=0)


@tap.case("requests sent all at once are answered in order")
def pipelining():
    with Echo() as echo:
        with echo.send(b"".join(request("POST", "/%d" % i, b"b" * (i % 7))
                                for i in range(200))) as s:
            f = s.makefile("rb")
            for i in range(200):
                assert read_reply(f)["path"] == "/%d" % i
        # One that waits holds up those behind it, and loses none.
        with echo.send(request("GET", "/hold") + request("GET", "/next")
                       ) as s:
            echo.await_stats(waiting=1)
            assert echo.get("/release") == {"n": 1}
            f = s.makefile("rb")
            assert read_reply(f) == {"released": True}
            assert read_reply(f)["path"] == "/next"


def read_reply(f):
    """Reads one reply from file `f`, and not a byte more."""
    length = 0
    assert b" 200 " in f.readline()
    for line in iter(f.readline, b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return json.loads(f.read(length))


@tap.case("large bodies and large replies")
def large():
    with Echo() as echo:
        body = os.urandom(2 * 1024 * 1024)
        assert echo.post("/x", body)["length"] == len(body)
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in
                          (body[i:i + 1000] for i in range(0, 10**6, 1000)))
        status, reply = echo.ask(request(
            "POST", "/x", headers=["Transfer-Encoding: chunked"])
            + chunks + b"0\r\nTrailer: x\r\n\r\n")
        assert status == 200 and json.loads(reply)["length"] == 10**6
        status, reply = echo.ask(request("GET", "/size?bytes=50000000"))
        assert status == 200 and len(reply) == 50000000
        assert echo.stats()["bodies"] == 0


@tap.case("a client that closes its own side gets what is ready at once")
def half_closed():
    with Echo() as echo:
        for _ in range(50):
            with echo.send(request("POST", "/x", b"y" * 100000)
                           + request("GET", "/size?bytes=300000")) as s:
                s.shutdown(socket.SHUT_WR)
                assert read_reply(s.makefile("rb"))["length"] == 100000
        echo.await_stats(connections=0)


@tap.case("a client that goes while its request waits is noticed")
def disconnect():
    with Echo() as echo:
        with echo.send(request("GET", "/hold")):
            echo.await_stats(waiting=1)
        echo.await_stats(waiting=0, cancelled=1, connections=0)
        # With more requests behind it, and a body.
        with echo.send(request("POST", "/hold", b"x" * 100000)
                       + request("GET", "/")):
            echo.await_stats(waiting=1)
            assert echo.stats()["bodies"] > 100000
        echo.await_stats(waiting=0, cancelled=2, connections=0, bodies=0)
        assert echo.get("/release") == {"n": 0}


def check_stream(echo):
    """A stream's life."""
    with echo.send(request("GET", "/stream")) as s:
        f = s.makefile("rb")
        assert f.readline() == b"HTTP/1.1 200 OK\r\n"
        head = dict(line.decode().strip().split(": ", 1)
                    for line in iter(f.readline, b"\r\n"))
        assert head == {
            "Content-Type": "text/event-stream", "Cache-Control": "no-store",
            "X-Accel-Buffering": "no", "Connection": "close",
            "X-Test": "yes"}, head
        assert echo.stats()["streams"] == 1
        for i in range(100):
            assert echo.post("/publish", b"event %d\n" % i)["sent"]
            assert f.readline() == b"event %d\n" % i
        echo.get("/end")
        assert f.read() == b""
    echo.await_stats(streams=0, closed=0, connections=0)
    with echo.send(request("GET", "/stream")) as s:
        echo.await_stats(streams=1)
    echo.await_stats(streams=0, closed=1, connections=0)


@tap.case("a stream leaves the server and ends from either side")
def stream():
    with Echo() as echo:
        check_stream(echo)


def check_flood(echo):
    """A stream to a client that does not read, and then does."""
    with echo.send(request("GET", "/flood")) as s:
        echo.await_stats(streams=1)

        def full():
            """What was taken, once both sockets' buffers are full: then no
            more is, while others are served."""
            taken = echo.stats()["flooded"]
            assert taken < 16 * 1024 * 1024, taken
            for _ in range(50):
                assert echo.get("/x")["path"] == "/x"
            return echo.stats()["flooded"] == taken > 16384 and taken
        taken = wait_until(full, what="full buffers")

        # What was taken comes, and then more.
        wanted = 3 * taken
        while wanted > 0:
            wanted -= len(s.recv(min(wanted, 65536)))
        assert echo.stats()["writable"] > 0
    echo.await_stats(streams=0, connections=0)


@tap.case("a stream to a client that does not read takes no more")
def flood():
    with Echo() as echo:
        check_flood(echo)


@tap.case("2,000 streams, each gets what is published", timeout=120)
def many_streams():
    with Echo() as echo:
        streams = [echo.send(request("GET", "/stream")) for _ in range(2000)]
        echo.await_stats(streams=2000, connections=0)
        assert echo.post("/publish", b"event\n")["sent"] == 2000 * 6
        for s in streams:
            f = s.makefile("rb")
            while f.readline() != b"\r\n":
                pass
            assert f.readline() == b"event\n"
            f.close()
            s.close()
        echo.await_stats(streams=0, closed=2000)


@tap.case("TLS: requests, waiting, streams; no plain text, no old version")
def tls():
    with tempfile.TemporaryDirectory() as directory:
        identity = Authority(os.path.join(directory, "ca")).issue("server")
        with Echo(tls=identity) as echo:
            assert echo.get("/x")["tls"] is True
            body = os.urandom(2 * 1024 * 1024)
            assert echo.post("/x", body)["length"] == len(body)
            with echo.connect() as s:
                for _ in range(3):
                    s.sendall(request("GET", "/size?bytes=100000"))
                    assert receive(s) == (200, b"x" * 100000)
            with echo.send(request("GET", "/hold")) as s:
                echo.await_stats(waiting=1)
                echo.get("/release")
                assert receive(s)[0] == 200
            with echo.send(request("GET", "/hold")):
                echo.await_stats(waiting=1)
            echo.await_stats(waiting=0, cancelled=1, connections=0)
            check_stream(echo)
            check_flood(echo)
            check_not_tls(echo)


def check_not_tls(echo):
    with socket.create_connection(("127.0.0.1", echo.port), 20) as s:
        s.sendall(request("GET", "/x"))
        while s.recv(100):      # A TLS alert, then the end.
            pass
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with socket.create_connection(("127.0.0.1", echo.port), 20) as plain:
            context.wrap_socket(plain).close()
    except (ssl.SSLError, ConnectionResetError):
        return
    raise AssertionError("TLS 1.1 was accepted")


@tap.case("a server that is destroyed answers or closes everything")
def destroyed():
    with Echo() as echo:
        idle = echo.connect()
        waiting = [echo.send(request("GET", "/hold") + request("GET", "/"))
                   for _ in range(10)]
        streams = [echo.send(request("GET", "/stream")) for _ in range(10)]
        half = echo.send(request("POST", "/x", b"x" * 100)[:-50])
        echo.await_stats(waiting=10, streams=10)
        echo.get("/exit")
        echo.await_exit()
        for s in waiting:
            status, body = receive(s)
            assert status == 503, (status, body)
        for s in streams:
            while s.recv(4096):
                pass
        assert closed(idle) and closed(half)


@tap.case("counters")
def counters():
    with Echo() as echo:
        echo.get("/x")
        echo.ask(request("GET", "/%"))
        text = echo.get("/metrics")
        for line in ('sluice_http_requests_total{method="GET",status="2xx"} 1',
                     'sluice_http_requests_total{method="GET",status="4xx"} 1',
                     'sluice_http_request_seconds_count{method="GET"} 1',
                     "sluice_http_streams 0"):
            assert line in text.splitlines(), (line, text)
        # The one who asks is counted in the next round.
        wait_until(lambda: "sluice_http_connections 1" in
                   echo.get("/metrics").splitlines(), what="connections")


tap.main(tools=("openssl",))
