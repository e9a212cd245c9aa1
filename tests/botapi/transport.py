"""Between the sockets and the methods: HTTP in, faults, the method, HTTP out."""

import asyncio
import json
import re
import time
import weakref
from typing import Any
from urllib.parse import unquote

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine
from tornado.iostream import IOStream

from tests.botapi.errors import ApiError, too_many_requests
from tests.botapi.faults import Fault, FaultKind
from tests.botapi.intake import Intake
from tests.botapi.methods import METHODS, Method
from tests.botapi.model import Chat
from tests.botapi.parameters import Parameters, from_request
from tests.botapi.rates import Send
from tests.botapi.sending import file_path
from tests.botapi.world import Call, World

_PATH = re.compile(r"/(?P<file>file/)?bot(?P<token>[^/]+)/(?P<rest>.*)")
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class Listener(HTTPServer):
    """Remembers the open connections, so that the network can go away."""

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        super().initialize(*args, **kwargs)
        self.streams: weakref.WeakSet[IOStream] = weakref.WeakSet()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        self.streams.add(stream)
        super().handle_stream(stream, address)

    def cut_all(self) -> None:
        for stream in list(self.streams):
            stream.close()


class Transport:
    """Serves requests; an error that is the server's own ends up in ``failures``."""

    def __init__(self, world: World, intake: Intake) -> None:
        self.world = world
        self.intake = intake
        self.failures: list[BaseException] = []
        self.tasks: set[asyncio.Task[None]] = set()

    def handle(self, request: HTTPServerRequest) -> None:
        task = asyncio.create_task(self._serve(request, time.monotonic()))
        self.tasks.add(task)

        def finished(done: asyncio.Task[None]) -> None:
            self.tasks.discard(done)
            if not done.cancelled() and (failure := done.exception()) is not None:
                self.failures.append(failure)
                _cut(request)

        task.add_done_callback(finished)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def execute_reply(self, name: str, values: dict[str, str]) -> None:
        """Carry out the method that a webhook's reply asks for; the bot hears no result."""
        arrived = time.monotonic()
        method = METHODS.get(name.lower())
        if method is None or method.handler is None:
            self.world.strictness.append(f"{name}: unknown method in a webhook reply")
            return
        params = Parameters(values, {}, self._remark(method))
        status = 200
        try:
            self._carry_out(method, params, self._chat(values), arrived)
        except ApiError as error:
            status = error.code
        self._note(arrived, method, params, status)

    async def _serve(self, request: HTTPServerRequest, arrived: float) -> None:
        path = _PATH.fullmatch(unquote(request.path))
        if path is None or not _TOKEN.fullmatch(path["token"]):
            return _refuse(request, ApiError(404, "Not Found"))
        if path["token"] != self.world.token:
            return _refuse(request, ApiError(401, "Unauthorized"))
        if path["file"]:
            return self._download(request, path["rest"])
        method = METHODS.get(path["rest"].lower())
        if method is None:
            self.world.strictness.append(f"{path['rest']}: no such method here")
            return _refuse(request, ApiError(404, "Not Found: method not found"))
        try:
            params = from_request(
                request.query_arguments,
                request.body_arguments,
                request.body,
                request.headers.get("Content-Type", ""),
                request.files,
                self._remark(method),
            )
        except ApiError as error:
            return _refuse(request, error)
        chat = self._chat(params.values)
        with self.world.lock:
            refusal, fault = self._struck(method, chat, arrived)
        if refusal is not None:
            self._note(arrived, method, params, refusal.code)
            return _refuse(request, refusal)
        if fault is not None and fault.kind is FaultKind.CUT_BEFORE:
            self._note(arrived, method, params, 0)
            return _cut(request)
        if fault is not None and fault.kind is FaultKind.DELAY:
            await asyncio.sleep(fault.seconds)
        status, body = await self._result(method, params, chat, arrived)
        await self._reply(request, fault, status, body, (arrived, method, params))

    async def _reply(
        self,
        request: HTTPServerRequest,
        fault: Fault | None,
        status: int,
        body: bytes,
        call: tuple[float, Method, Parameters],
    ) -> None:
        cut = fault is not None and fault.kind is FaultKind.CUT_AFTER
        self._note(*call, 0 if cut else status)
        if fault is None:
            return _answer(request, status, body)
        if cut:
            return _cut(request)
        if fault.kind is FaultKind.LATE_REPLY:
            await asyncio.sleep(fault.seconds)
        elif fault.kind is FaultKind.GARBAGE:
            return _answer(request, fault.status, fault.body, "text/html")
        return _answer(request, status, body)

    def _struck(
        self, method: Method, chat: Chat | None, arrived: float
    ) -> tuple[ApiError | None, Fault | None]:
        """The 429 of a penalty, else what a scripted fault does to this call."""
        faults = self.world.faults
        if method.kind is not None and chat is not None:
            refusal = faults.refusal(chat.id, arrived)
            if refusal is not None:
                self._log(method, chat, arrived, None, accepted=False)
                return refusal, None
        fault = faults.take(method.name, chat.id if chat else None)
        if fault is None:
            return None, None
        if fault.kind is FaultKind.ERROR:
            return fault.error, None
        if fault.kind is FaultKind.FLOOD:
            if fault.keep and chat is not None:
                faults.punish(chat.id, arrived + fault.retry_after)
            return too_many_requests(fault.retry_after), None
        return None, fault

    async def _result(
        self, method: Method, params: Parameters, chat: Chat | None, arrived: float
    ) -> tuple[int, bytes]:
        try:
            match method.name:
                case "getUpdates":
                    params.finish(method.parameters)
                    result: Any = await self.intake.get_updates(params)
                case "setWebhook":
                    params.finish(method.parameters)
                    result = await self.intake.set_webhook(params)
                case "deleteWebhook":
                    params.finish(method.parameters)
                    result = await self.intake.delete_webhook(params)
                case "getWebhookInfo":
                    params.finish(method.parameters)
                    result = await self.intake.get_webhook_info(params)
                case _:
                    result = self._carry_out(method, params, chat, arrived)
        except ApiError as error:
            return error.code, json.dumps(error.body()).encode()
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def _carry_out(
        self, method: Method, params: Parameters, chat: Chat | None, arrived: float
    ) -> Any:
        assert method.handler is not None
        with self.world.lock:
            params.finish(method.parameters)
            self.world.arrived = arrived
            result = method.handler(self.world, params)
            if method.kind is not None:
                if chat is None:
                    inline = self.world.inline_messages.get(params.text("inline_message_id"))
                    chat = inline.chat if inline is not None else None
                message = (
                    result["message_id"]
                    if isinstance(result, dict)
                    else params.integer("message_id") or None
                )
                if chat is not None:
                    self._log(method, chat, arrived, message, accepted=True)
            return result

    def _log(
        self, method: Method, chat: Chat, arrived: float, message: int | None, *, accepted: bool
    ) -> None:
        assert method.kind is not None
        self.world.sends.append(
            Send(arrived, method.kind, chat.id, chat.private, method.name, message, accepted)
        )

    def _note(self, arrived: float, method: Method, params: Parameters, status: int) -> None:
        with self.world.lock:
            self.world.calls.append(Call(arrived, method.name, params.values, status))
            self.world.changed()

    def _remark(self, method: Method) -> Any:
        def remark(text: str) -> None:
            self.world.strictness.append(f"{method.name}: {text}")

        return remark

    def _chat(self, values: dict[str, str]) -> Chat | None:
        with self.world.lock:
            return self.world.find_chat(values.get("chat_id", ""))

    def _download(self, request: HTTPServerRequest, path: str) -> None:
        for document in self.world.documents.values():
            if file_path(document) == path:
                return _answer(request, 200, document.content, "application/octet-stream")
        return _refuse(request, ApiError(404, "Not Found"))


def _stream(request: HTTPServerRequest) -> IOStream:
    connection = request.connection
    assert isinstance(connection, HTTP1Connection)
    return connection.stream


def _cut(request: HTTPServerRequest) -> None:
    _stream(request).close()


def _refuse(request: HTTPServerRequest, error: ApiError) -> None:
    _answer(request, error.code, json.dumps(error.body()).encode())


def _answer(
    request: HTTPServerRequest,
    status: int,
    body: bytes,
    content_type: str = "application/json",
) -> None:
    connection = request.connection
    if connection is None or _stream(request).closed():
        return
    headers = HTTPHeaders({"Content-Type": content_type, "Content-Length": str(len(body))})
    reason = _REASONS.get(status, "Error")
    connection.write_headers(ResponseStartLine("HTTP/1.1", status, reason), headers, body)
    connection.finish()
