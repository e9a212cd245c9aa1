"""Fetching: conditional, bounded, guarded."""

import asyncio
import gzip
import zlib
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.web import RequestHandler

from index.addresses import is_public
from index.fetching import Fetched, Fetcher, FetchFailedError, NotModified
from tests.webserver import Page, WebServer


async def fetched(url: str, **options: object) -> Fetched:
    async with Fetcher(allow_private=True, **options) as fetcher:  # type: ignore[arg-type]
        answer = await fetcher.get(url)
    assert isinstance(answer, Fetched)
    return answer


async def failure(url: str, **options: object) -> FetchFailedError:
    options.setdefault("allow_private", True)
    async with Fetcher(**options) as fetcher:  # type: ignore[arg-type]
        with pytest.raises(FetchFailedError) as caught:
            await fetcher.get(url)
    return caught.value


async def test_an_answer_carries_what_the_next_request_needs() -> None:
    """Body, type, charset, ETag and max-age are read; the next request is conditional."""
    async with WebServer() as server:
        server.pages["/a"] = Page(b"hello", etag='"1"', headers={"Cache-Control": "max-age=7200"})
        async with Fetcher(allow_private=True) as fetcher:
            first = await fetcher.get(f"{server.url}/a")
            assert isinstance(first, Fetched)
            assert (first.body, first.etag, first.charset) == (b"hello", '"1"', "utf-8")
            assert first.max_age == timedelta(hours=2)
            second = await fetcher.get(f"{server.url}/a", etag=first.etag)
        assert second == NotModified(timedelta(hours=2))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "bare deflate"])
async def test_packed_answers_are_unpacked(encoding: str) -> None:
    """gzip and both readings of deflate give the body."""
    text = b"news " * 5000
    bare = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "bare deflate": bare.compress(text) + bare.flush(),
    }[encoding]
    async with WebServer() as server:
        header = {"Content-Encoding": encoding.split()[-1]}
        server.pages["/a"] = Page(packed, headers=header)
        assert (await fetched(f"{server.url}/a")).body == text


async def test_a_gzip_bomb_stops_early() -> None:
    """A stream that unpacks to a thousand times its size, without end, is cut soon."""
    packer = zlib.compressobj(level=9, wbits=31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    sent, closed = 0, asyncio.Event()

    async def stream(handler: RequestHandler) -> None:
        nonlocal sent
        handler.set_header("Content-Encoding", "gzip")
        handler.write(head)
        try:
            # The bound keeps a broken guard from hanging the test.
            while sent < 64 * 2**20:
                handler.write(block)
                await handler.flush()
                sent += len(block)
        finally:
            closed.set()

    async with WebServer() as server:
        server.pages["/bomb"] = stream
        error = await failure(f"{server.url}/bomb")
        await closed.wait()
    assert "larger than 8 MiB" in error.reason
    assert error.permanent
    assert sent < 32 * 2**20


async def test_a_page_that_never_ends_is_given_up() -> None:
    """A body that drips on is cut by the total time."""

    async def drip(handler: RequestHandler) -> None:
        while True:
            handler.write(b"x")
            await handler.flush()
            await asyncio.sleep(0.02)

    async with WebServer() as server:
        server.pages["/drip"] = drip
        error = await failure(f"{server.url}/drip", total_s=0.4)
    assert "longer than 0.4 seconds" in error.reason


async def test_redirects_are_followed_and_remembered_when_permanent() -> None:
    """The URL in the end is told, and is the source's own only if all moves were permanent."""
    async with WebServer() as server:
        server.pages["/old"] = Page(status=301, headers={"Location": "/new"})
        server.pages["/now"] = Page(status=302, headers={"Location": "/old"})
        server.pages["/new"] = Page(b"here")
        moved = await fetched(f"{server.url}/old")
        assert (moved.body, moved.permanent_url) == (b"here", f"{server.url}/new")
        assert (await fetched(f"{server.url}/now")).permanent_url is None


async def test_a_redirect_loop_is_said() -> None:
    """A circle of redirects is one clear reason."""
    async with WebServer() as server:
        server.pages["/a"] = Page(status=302, headers={"Location": "/b"})
        server.pages["/b"] = Page(status=302, headers={"Location": "/a"})
        assert "in a circle" in (await failure(f"{server.url}/a")).reason


async def test_at_most_five_redirects() -> None:
    """Five redirects are followed, six are not."""
    async with WebServer() as server:
        for i in range(6):
            server.pages[f"/{i}"] = Page(status=302, headers={"Location": f"/{i + 1}"})
        server.pages["/6"] = Page(b"end")
        assert (await fetched(f"{server.url}/1")).body == b"end"
        assert "more than 5 times" in (await failure(f"{server.url}/0")).reason


async def test_two_requests_at_a_time_per_host() -> None:
    """Ten requests to one host never overlap by more than two, and all are answered."""
    async with WebServer() as server:
        server.pages["/a"] = Page(b"x", delay_s=0.03)
        async with Fetcher(allow_private=True) as fetcher:
            await asyncio.gather(*(fetcher.get(f"{server.url}/a") for _ in range(10)))
        assert server.most_at_once == 2
        assert server.count("/a") == 10


@pytest.mark.parametrize(
    ("status", "permanent"), [(404, True), (410, True), (403, True), (500, False), (503, False)]
)
async def test_a_status_is_said(status: int, permanent: bool) -> None:
    """The server's status is in the reason; only some are worth asking again."""
    async with WebServer() as server:
        server.pages["/a"] = Page(status=status, headers={"Retry-After": "120"})
        error = await failure(f"{server.url}/a")
    assert str(status) in error.reason
    assert error.permanent is permanent
    assert error.retry_after == timedelta(minutes=2)


async def test_without_the_setting_loopback_is_refused() -> None:
    """The guard refuses loopback in every spelling, and nothing reaches the server."""
    async with WebServer() as server:
        server.pages["/"] = Page(b"secret")
        port = server.url.rsplit(":", 1)[1]
        hosts = ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"]
        for host in [*hosts, "user:pass@127.0.0.1"]:
            error = await failure(f"http://{host}:{port}/", allow_private=False)
            assert "not a public address" in error.reason, host
            assert "NEWSBOT_ALLOW_PRIVATE" in error.remedy
            assert "pass" not in error.subject
        assert server.requests == []


async def test_a_name_that_changes_its_address_gains_nothing() -> None:
    """The address that was checked is the one that is connected to; a later one is checked too."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["203.0.113.1", "127.0.0.1"]

    async with WebServer() as server:
        server.pages["/"] = Page(b"secret")
        port = server.url.rsplit(":", 1)[1]
        for _ in range(2):
            error = await failure(
                f"http://news.example:{port}/", allow_private=False, resolve=rebinding
            )
            assert "not a public address" in error.reason
        assert len(asked) == 2
        assert server.requests == []


async def test_a_redirect_to_a_private_address_is_refused() -> None:
    """The guard stands behind every redirect, for the name that it leads to."""

    async def resolve(host: str, port: int) -> list[str]:
        # The first host stands for a public one: the test's server has no other address.
        return ["127.0.0.1"] if host == "public.example" else ["10.0.0.1"]

    async with WebServer() as server:
        port = server.url.rsplit(":", 1)[1]
        away = f"http://inside.example:{port}/"
        server.pages["/"] = Page(status=302, headers={"Location": away})
        fetcher = Fetcher(resolve=resolve)
        import index.addresses as module

        public = module.is_public
        module.is_public = lambda a: str(a) == "127.0.0.1" or public(a)  # type: ignore[assignment]
        try:
            with pytest.raises(FetchFailedError, match=r"10\.0\.0\.1"):
                await fetcher.get(f"http://public.example:{port}/")
        finally:
            module.is_public = public
        assert server.count("/") == 1


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/passwd", "gopher://x", "http://"])
async def test_only_http_and_https(url: str) -> None:
    """Other schemes and URLs without a host are refused before anything is sent."""
    assert (await failure(url)).permanent


async def test_a_cut_connection_and_a_closed_port_are_said() -> None:
    """Both are one clear reason each."""

    async def cut(handler: RequestHandler) -> None:
        handler.set_header("Content-Length", "1000")
        handler.write(b"half")
        await handler.flush()
        handler.request.connection.stream.close()  # type: ignore[union-attr]

    async with WebServer() as server:
        server.pages["/cut"] = cut
        assert "broke off" in (await failure(f"{server.url}/cut")).reason
        closed = server.url
    assert "no connection" in (await failure(f"{closed}/")).reason


@given(st.ip_addresses(v=4))
def test_the_guard_agrees_with_the_registry_for_ipv4(address: object) -> None:
    """An IPv4 address passes exactly when it is global and not multicast, also inside IPv6."""
    v4 = ip_address(str(address))
    expected = v4.is_global and not v4.is_multicast and not v4.is_reserved
    assert is_public(v4) is expected
    assert is_public(IPv6Address(f"::ffff:{v4}")) is expected
    assert is_public(IPv6Address(int(IPv6Address("64:ff9b::")) + int(v4))) is expected


@pytest.mark.parametrize(
    "address",
    ["100.64.0.1", "169.254.1.1", "::1", "fe80::1", "fc00::1", "ff02::1", "224.0.0.1", "2001:0::1"],
)
def test_addresses_off_the_public_internet_are_refused(address: str) -> None:
    """Carrier NAT, link-local, unique local, multicast and tunnels are not public."""
    assert not is_public(ip_address(address))
