"""The only HTTP client: conditional requests, bounded in size and time, behind the guard."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx

from index.addresses import GuardedBackend, PrivateAddressError, Resolve, resolve
from index.errors import FetchError

MOST_REDIRECTS = 5
TOTAL_S = 20.0
LARGEST = 8 * 1024 * 1024
PER_HOST = 2
AT_ONCE = 16
_CHUNK = 64 * 1024
_LONGEST_RETRY = timedelta(days=7)
_ACCEPT = (
    "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,"
    "application/feed+json,application/xml;q=0.9,application/json;q=0.8,text/plain;q=0.8,*/*;q=0.5"
)


class FetchFailedError(FetchError):
    """A URL that could not be fetched; ``permanent`` when asking again is in vain."""

    def __init__(
        self,
        subject: str,
        reason: str,
        remedy: str = "",
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(subject, reason, remedy)
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. ``url`` is where it came from in the end; ``body`` is decompressed.

    ``permanent_url`` is that URL if every redirect on the way was a permanent one.
    """

    url: str
    body: bytes
    content_type: str | None = None
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    permanent_url: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that what was fetched before still holds."""

    max_age: timedelta | None = None


class Fetcher:
    """Fetches what is public, within bounds. Use it in ``async with``."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        user_agent: str = "newsbot/0.1 (+https://pypi.org/project/newsbot/)",
        total_s: float = TOTAL_S,
        largest: int = LARGEST,
        resolve: Resolve = resolve,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._total_s = total_s
        self._largest = largest
        self._clock = clock
        self._everyone = asyncio.Semaphore(AT_ONCE)
        self._hosts: dict[tuple[str, int | None], asyncio.Semaphore] = {}
        transport = httpx.AsyncHTTPTransport(trust_env=False)
        # httpx offers no public way to choose how connections are made; httpcore does.
        transport._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=AT_ONCE,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(resolve, allow_private),
        )
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(total_s),
            headers={
                "User-Agent": user_agent,
                "Accept": _ACCEPT,
                # Only what is decompressed here, in bounded steps.
                "Accept-Encoding": "gzip, deflate",
            },
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def get(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched | NotModified:
        """Fetch a URL; with the marks of an earlier answer, only if it has changed.

        Raises FetchFailedError with what went wrong.
        """
        conditions = {}
        if etag:
            conditions["If-None-Match"] = etag
        if last_modified:
            conditions["If-Modified-Since"] = last_modified
        try:
            async with asyncio.timeout(self._total_s):
                return await self._follow(url, conditions)
        except TimeoutError as error:
            raise FetchFailedError(
                _shown(url), f"it took longer than {self._total_s:g} seconds", "Try again later"
            ) from error
        except httpx.TimeoutException as error:
            raise FetchFailedError(_shown(url), "the server does not answer") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict) as error:
            raise FetchFailedError(_shown(url), _reason(error)) from error
        except PrivateAddressError as error:
            raise FetchFailedError(
                _shown(url),
                f"it leads to {error}, which is not a public address",
                "For sources on your own network set NEWSBOT_ALLOW_PRIVATE=1",
                permanent=True,
            ) from error

    async def _follow(self, asked: str, conditions: dict[str, str]) -> Fetched | NotModified:
        url, permanent, seen = _checked(asked, asked), True, set[str]()
        for _ in range(MOST_REDIRECTS + 1):
            async with self._turn(url), self._client.stream("GET", url, headers=conditions) as r:
                # Cookies are not kept from one request to the next.
                self._client.cookies.clear()
                if not (r.is_redirect and "location" in r.headers):
                    return await self._answer(asked, r, str(url) if permanent else None)
                permanent = permanent and r.status_code in (301, 308)
                seen.add(str(url))
                url = _checked(str(url.join(r.headers["location"])), asked)
            if str(url) in seen:
                raise FetchFailedError(_shown(asked), "it redirects in a circle", permanent=True)
        raise FetchFailedError(
            _shown(asked), f"it redirects more than {MOST_REDIRECTS} times", permanent=True
        )

    @asynccontextmanager
    async def _turn(self, url: httpx.URL) -> AsyncIterator[None]:
        host = self._hosts.setdefault((url.host, url.port), asyncio.Semaphore(PER_HOST))
        async with host, self._everyone:
            yield

    async def _answer(
        self, asked: str, response: httpx.Response, permanent_url: str | None
    ) -> Fetched | NotModified:
        status, headers = response.status_code, response.headers
        if status == 304:
            return NotModified(_max_age(headers, self._clock()))
        if status != 200:
            raise FetchFailedError(
                _shown(asked),
                f"the server answered {status} {response.reason_phrase}".rstrip(),
                permanent=status in (401, 402, 403, 404, 410, 451),
                retry_after=_retry_after(headers, self._clock()),
            )
        body = await self._body(asked, response)
        return Fetched(
            url=str(response.url),
            body=body,
            content_type=headers.get("content-type"),
            charset=response.charset_encoding,
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            max_age=_max_age(headers, self._clock()),
            permanent_url=permanent_url,
        )

    async def _body(self, asked: str, response: httpx.Response) -> bytes:
        """The decompressed body; stops at the first byte too many, however it is packed."""
        unpack = _unpacker(response.headers.get("content-encoding", ""), asked)
        body = bytearray()
        try:
            async for chunk in response.aiter_raw(_CHUNK):
                while chunk:
                    piece, chunk = unpack(chunk, self._largest + 1 - len(body))
                    body += piece
                    if len(body) > self._largest:
                        raise FetchFailedError(
                            _shown(asked),
                            f"it is larger than {self._largest // 2**20} MiB",
                            permanent=True,
                        )
        except zlib.error as error:
            raise FetchFailedError(_shown(asked), "its compression is damaged") from error
        return bytes(body)


Unpack = Callable[[bytes, int], tuple[bytes, bytes]]


def _unpacker(encoding: str, asked: str) -> Unpack:
    """A function from packed bytes and a bound to unpacked bytes and what is still packed."""
    match encoding.strip().lower():
        case "" | "identity":
            return lambda chunk, most: (chunk[:most], b"")
        case "gzip" | "x-gzip":
            return _Inflate(16 + zlib.MAX_WBITS)
        case "deflate":
            return _Inflate(zlib.MAX_WBITS)
        case other:
            raise FetchFailedError(_shown(asked), f"it is compressed as {other!r}")


class _Inflate:
    def __init__(self, window: int) -> None:
        self._window = window
        self._inner: Any = None

    def __call__(self, chunk: bytes, most: int) -> tuple[bytes, bytes]:
        if self._inner is None:
            # Some servers send "deflate" without the zlib header that the standard asks for.
            bare = self._window == zlib.MAX_WBITS and chunk[0] & 0x0F != 8
            self._inner = zlib.decompressobj(-zlib.MAX_WBITS if bare else self._window)
        if self._inner.eof:
            return b"", b""
        piece = self._inner.decompress(chunk, most)
        return piece, self._inner.unconsumed_tail


def _checked(url: str, asked: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailedError(_shown(asked), "this is not a URL", permanent=True) from error
    if parsed.scheme not in ("http", "https"):
        raise FetchFailedError(
            _shown(asked),
            f"newsbot fetches http and https, not {parsed.scheme or 'a URL without a scheme'}",
            permanent=True,
        )
    if not parsed.host:
        raise FetchFailedError(_shown(asked), "this URL names no host", permanent=True)
    return parsed


def _shown(url: str) -> str:
    """The URL without what may be a password."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", url)


def _reason(error: Exception) -> str:
    match error:
        case httpx.ConnectError():
            text = str(error)
            if "CERTIFICATE" in text.upper():
                return "its certificate is not valid"
            return text if text.startswith("the name") else "no connection could be made"
        case httpx.RemoteProtocolError() | httpx.ReadError():
            return "the connection broke off"
        case _:
            return f"it could not be fetched ({type(error).__name__})"


def _max_age(headers: httpx.Headers, now: datetime) -> timedelta | None:
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    match = re.search(r"max-age\s*=\s*\"?(\d{1,10})", control)
    if match is not None:
        return timedelta(seconds=int(match[1]))
    expires = _date(headers.get("expires"))
    return max(expires - now, timedelta()) if expires is not None else None


def _retry_after(headers: httpx.Headers, now: datetime) -> timedelta | None:
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        wait = timedelta(seconds=min(int(value), 10**9))
    elif (moment := _date(value)) is not None:
        wait = moment - now
    else:
        return None
    return min(max(wait, timedelta()), _LONGEST_RETRY)


def _date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
