"""Wiring: settings to an application with all its handlers, connected to Telegram."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain, product, repeat
from typing import Any

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import InvalidToken, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest

from bot.catalogue import ENGLISH, LANGUAGES
from bot.handlers import (
    admin,
    asking,
    buttons,
    checking,
    commands,
    exporting,
    inline,
    latest,
    membership,
    subscribing,
)
from bot.handlers import settings as chat_settings
from bot.intake import AnyApplication, TelegramRefusedError
from bot.newsroom import Newsroom
from bot.pacing import Pacing
from bot.settings import Settings

log = logging.getLogger(__name__)

# Between attempts to reach Telegram at the start: longer and longer, for ever.
_FIRST_PAUSES_S = (1, 2, 4, 8, 16)
_LAST_PAUSE_S = 30

AnyBuilder = ApplicationBuilder[Any, Any, Any, Any, Any, Any]


def build_application(
    settings: Settings, room: Newsroom, request: BaseRequest | None = None
) -> AnyApplication:
    """The application with all handlers; ``request`` stands in for the network."""
    builder = _builder(settings)
    # A terminal has no pace to keep.
    if request is None:
        builder = builder.rate_limiter(Pacing())
    else:
        builder = builder.request(request).get_updates_request(request)
    application = builder.build()
    application.bot_data["newsroom"] = room
    everywhere = filters.UpdateType.MESSAGES | filters.UpdateType.CHANNEL_POST
    texts = filters.UpdateType.MESSAGES & filters.TEXT & ~filters.COMMAND
    # First of all: a guest's message is a text as well, but its chat cannot be written to.
    application.add_handler(MessageHandler(filters.UpdateType.GUEST_MESSAGE, inline.on_guest))
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, membership.on_migration))
    application.add_handler(
        MessageHandler(filters.StatusUpdate.FORUM_TOPIC_REOPENED, membership.on_topic_reopened)
    )
    for name, handler in (
        ("start", commands.on_start),
        ("help", commands.on_help),
        ("ask", asking.on_ask),
        ("check", checking.on_check),
        ("latest", latest.on_latest),
        ("sources", commands.on_sources),
        ("status", commands.on_status),
        ("subscribe", subscribing.on_subscribe),
        ("subscriptions", subscribing.on_subscriptions),
        ("unsubscribe", subscribing.on_unsubscribe),
        ("schedule", subscribing.on_schedule),
        ("quiet", subscribing.on_quiet),
        ("digest", subscribing.on_digest),
        ("export", exporting.on_export),
        ("settings", chat_settings.on_settings),
        ("forget", chat_settings.on_forget),
        ("add", admin.on_add),
        ("remove", admin.on_remove),
        ("refresh", admin.on_refresh),
    ):
        # In a channel its posts are the only way to tell a bot anything.
        application.add_handler(CommandHandler(name, handler, everywhere))
    application.add_handler(
        MessageHandler(filters.Document.FileExtension("json"), exporting.on_file)
    )
    application.add_handler(MessageHandler(filters.Document.ALL, admin.on_document))
    application.add_handler(MessageHandler(texts, asking.on_message))
    application.add_handler(CallbackQueryHandler(buttons.on_press))
    application.add_handler(InlineQueryHandler(inline.on_inline))
    application.add_handler(
        ChatMemberHandler(membership.on_membership, ChatMemberHandler.MY_CHAT_MEMBER)
    )
    return application


def _builder(settings: Settings) -> AnyBuilder:
    builder = Application.builder().token(settings.token or "").updater(None)
    if settings.api_url is None:
        return builder
    # Where Telegram's own server has files, beside the methods.
    files = f"{settings.api_url.rstrip('/').removesuffix('/bot')}/file/bot"
    return builder.base_url(settings.api_url).base_file_url(files)


@asynccontextmanager
async def started(application: AnyApplication, *, patient: bool = False) -> AsyncIterator[None]:
    """The application, initialised and its commands registered; shut down at the end.

    While Telegram cannot be reached a ``patient`` start tries again; otherwise that raises
    TelegramRefusedError, as a wrong token always does.
    """
    try:
        await _initialize(application, patient=patient)
        await _register_commands(application)
        await application.start()
        try:
            yield
        finally:
            await application.stop()
    finally:
        await application.shutdown()


async def owner_of_token(settings: Settings) -> str:
    """The user name of the bot that the token belongs to. Raises TelegramRefusedError."""
    application = _builder(settings).build()
    try:
        await _initialize(application, patient=False)
        return str(application.bot.username)
    finally:
        await application.shutdown()


async def _initialize(application: AnyApplication, *, patient: bool) -> None:
    for pause in chain(_FIRST_PAUSES_S, repeat(_LAST_PAUSE_S)):
        try:
            await application.initialize()
        except InvalidToken as error:
            raise TelegramRefusedError(
                "NEWSBOT_TOKEN", "Telegram does not know this token", "Ask @BotFather for it"
            ) from error
        except TelegramError as error:
            if not patient:
                raise TelegramRefusedError(
                    "Telegram",
                    f"it cannot be reached ({error})",
                    "Check the network and NEWSBOT_API_URL",
                ) from error
            log.warning("Telegram cannot be reached (%s); trying again in %s s", error, pause)
            await asyncio.sleep(pause)
        else:
            return


async def _register_commands(application: AnyApplication) -> None:
    scopes = (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats())
    for words, scope in product(LANGUAGES.values(), scopes):
        shown = [BotCommand(name, text) for name, text in words.command_help.items()]
        # English is for those whose language there is not.
        language = None if words is ENGLISH else words.language
        try:
            await application.bot.set_my_commands(shown, scope=scope, language_code=language)
        except TelegramError as error:
            log.warning("could not register the commands: %s", error)
