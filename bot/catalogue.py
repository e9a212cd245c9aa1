"""Every sentence that newsbot says of itself, in one place: another language is another file.

Texts with {names} are filled by str.format. Nothing here is markup.
"""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language; ``language`` is its IETF tag, ``name`` what it calls itself."""

    language: str
    name: str
    start: str
    start_group: str
    help: str
    closest: str
    not_in_sources: str
    covers: str
    covers_undated: str
    covers_nothing: str
    newest_from: str
    one_article: str
    many_articles: str
    sources_heading: str
    says: str
    short_claimed: str
    hedges: dict[str, str]
    accounts_heading: dict[str, str]
    independent_sources: str
    one_source_copied: str
    same_text: str
    outlet_not_named: str
    no_date: str
    paragraph: str
    paragraphs: str
    read_as: str
    only_outlets: str
    only_days: str
    only_outlets_and_days: str
    nothing_days: str
    nothing_outlets: str
    nothing_outlets_then: str
    nothing_outlets_ever: str
    either: str
    on_day: str
    from_day_to_day: str
    since_day: str
    before_day: str
    still_indexing: str
    passage_button: str
    more_button: str
    right_button: str
    wrong_button: str
    link_button: str
    thanks: str
    no_more: str
    more_heading: str
    gone: str
    story_gone: str
    asked: str
    not_yours: str
    slow_down: str
    fault: str
    ask_what: str
    no_articles: str
    latest_heading: str
    sources_list: str
    no_sources: str
    source_failing: str
    one_source: str
    many_sources: str
    status: str
    status_told: str
    settings: str
    settings_on: str
    settings_off: str
    previews_button: str
    language_button: str
    time_zone_button: str
    time_zone_how: str
    time_zone_set: str
    time_zone_unknown: str
    forget_ask: str
    forget_yes: str
    forget_no: str
    forgotten: str
    kept: str
    only_admins: str
    add_what: str
    remove_what: str
    refreshed: str
    removed: str
    subscribe_what: str
    subscribed: dict[str, str]
    kinds: dict[str, str]
    already_many: str
    source_unknown: str
    would_have_matched: str
    would_have_matched_none: str
    answer_now: str
    no_answer_now: str
    first_answer_only: str
    told_at_once: str
    told_hourly: str
    told_at: str
    except_quiet: str
    paused: str
    pause_button: str
    resume_button: str
    narrower_button: str
    broader_button: str
    schedule_button: str
    remove_button: str
    unsubscribed: str
    unsubscribe_what: str
    no_subscriptions: str
    subscriptions_heading: str
    schedule_how: str
    quiet_how: str
    quiet_off: str
    muted: str
    less: str
    ask_about: str
    only_chat_admins: str
    exported: str
    imported: str
    import_unreadable: str
    why_button: str
    ask_button: str
    mute_button: str
    less_button: str
    follow_button: str
    answer_before: str
    answer_changed: str
    answer_found: str
    story_goes_on: str
    also_reported: str
    because: dict[str, str]
    digest_of_one: str
    digest_of: str
    nothing_due: str
    check_what: str
    answered_on: str
    no_quotes: str
    standings: dict[str, str]
    says_now: str
    corrects_itself: str
    answer_outdated: str
    command_help: dict[str, str]


ENGLISH = Catalogue(
    language="en",
    name="English",
    start=(
        "I answer questions about the news with the sentences that say so, word for word, with"
        " outlet, date and link. When my sources don't say, I tell you.\n\nJust ask:"
    ),
    start_group=(
        "I answer questions about the news with the sentences that say so. Ask with"
        " /ask@{name} and a question, or reply to one of my answers."
    ),
    help=(
        "Write a question. I answer with quotes from my sources, or say that they don't say.\n\n"
        "Reply to an answer to ask more about it. In a group, mention me, reply to me, or use"
        " /ask. In any chat, write my name and a question to insert an answer.\n\n"
        "Under an answer: Passage shows the paragraph with its neighbours, More shows the next"
        " passages, Follow tells you when its story goes on, Link copies a link to it, and your"
        " verdict tells those who run me whether it was right. Reply to it with /check to see"
        " whether the articles still say so."
    ),
    closest="The closest I found, but it doesn't answer that:",
    not_in_sources="Not in my sources.",
    covers="My sources cover {articles}, {earliest} to {latest}.",
    covers_undated="My sources cover {articles}, without dates.",
    covers_nothing="I have no articles yet.",
    newest_from="Newest from {outlets}.",
    one_article="1 article",
    many_articles="{count:,} articles",
    sources_heading="Sources",
    says="{speaker}: ",
    short_claimed=", according to {speaker}",
    hedges={"expected": "Expected, not certain.", "unconfirmed": "Possible, not confirmed."},
    accounts_heading={
        "denial": "Accounts differ",
        "difference": "Numbers differ",
        "update": "The number has changed, newest first",
    },
    independent_sources="{count} independent sources: ",
    one_source_copied="1 source: ",
    same_text="the same text: ",
    outlet_not_named="outlet not named",
    no_date="no date",
    paragraph="paragraph {numbers}",
    paragraphs="paragraphs {numbers}",
    read_as="I read this as: {question}",
    only_outlets="Only from {outlets}.",
    only_days="Only what was published {days}.",
    only_outlets_and_days="Only from {outlets}, published {days}.",
    nothing_days="Nothing in my sources {days}; without the dates:",
    nothing_outlets="Nothing from {outlets}; from my other sources:",
    nothing_outlets_then="Nothing from {outlets} {days}; without the dates:",
    nothing_outlets_ever="Nothing from {outlets} {days} or ever; from my other sources:",
    either="{first} or {last}",
    on_day="on {day}",
    from_day_to_day="from {first} to {last}",
    since_day="since {day}",
    before_day="before {day}",
    still_indexing="I am still reading; this is from what I have so far.",
    passage_button="Passage",
    more_button="More",
    right_button="Right",
    wrong_button="Wrong",
    link_button="Link",
    thanks="Thank you, noted.",
    no_more="I have nothing more on this.",
    more_heading="More passages",
    gone="This answer is no longer kept.",
    story_gone="This story is no longer kept.",
    asked="Asked: {question}",
    not_yours="This button belongs to another chat.",
    slow_down="You ask faster than I may answer here. I answer one after the other.",
    fault="Something went wrong on my side, so I can't say what my sources say. Please ask again.",
    ask_what="Ask like this: /ask who brokered the ceasefire?",
    no_articles="I have no articles yet.",
    latest_heading="The latest",
    sources_list="Sources",
    no_sources="No sources yet.",
    source_failing="failing",
    one_source="1 source",
    many_sources="{count:,} sources",
    status="{articles} from {sources}. {failing} could not be read lately. Last read {refreshed}.",
    status_told=(
        "{to_match} changes still to match. Updates: {due} due, {sent} sent, {uncertain}"
        " uncertain, {failed} failed."
    ),
    settings="Settings of this chat",
    settings_on="on",
    settings_off="off",
    previews_button="Link previews: {state}",
    language_button="Language: {name}",
    time_zone_button="Time zone: {zone}",
    time_zone_how="Send /settings and a time zone, as in: /settings Europe/Vienna",
    time_zone_set="The time zone is now {zone}.",
    time_zone_unknown="There is no time zone {zone}. Write one as Europe/Vienna.",
    forget_ask="Delete everything that I keep about this chat? This cannot be undone.",
    forget_yes="Delete it",
    forget_no="Keep it",
    forgotten="Everything about this chat is deleted.",
    kept="Nothing was deleted.",
    only_admins="Only those who run me can do that.",
    add_what="Send it as: /add https://example.org/feed.xml",
    remove_what="Send it as: /remove NUMBER, with a number from /sources",
    refreshed="{new} new, {changed} changed, {failing} sources could not be read.",
    removed="Removed {source} and {articles}.",
    subscribe_what=(
        "Send it as: /subscribe ceasefire in Karabakh, or a question whose answer you want to"
        " hear of when it changes, or an outlet's name.\n\n-word leaves out what has the word,"
        ' "some words" asks for just these words.'
    ),
    subscribed={
        "topic": "You will be told of news on: ",
        "question": "You will be told when the answer changes: ",
        "story": "You follow this story: ",
        "source": "You will be told of everything from: ",
    },
    kinds={"topic": "topic", "question": "question", "story": "story", "source": "source"},
    already_many="This chat has {count} subscriptions; that is as many as I keep.",
    source_unknown="I don't read that source. Those who run me can add it.",
    would_have_matched="In the last {days} days {count} articles would have matched, among them:",
    would_have_matched_none="In the last {days} days nothing would have matched.",
    answer_now="Now, the answer is:",
    no_answer_now="My sources don't say now. You will be told when they do.",
    first_answer_only=(
        "To a question like this you will be told only the first answer: that a later one is"
        " another I can tell of who, which, when, where, how many and how much."
    ),
    told_at_once="At once",
    told_hourly="Once an hour",
    told_at="At {times} ({zone})",
    except_quiet=", not from {quiet}",
    paused="Paused",
    pause_button="Pause",
    resume_button="Go on",
    narrower_button="Narrower",
    broader_button="Broader",
    schedule_button="When",
    remove_button="Remove",
    unsubscribed="Removed: {text}",
    unsubscribe_what="Send it as: /unsubscribe NUMBER, with a number from /subscriptions",
    no_subscriptions="Nothing yet. Begin with /subscribe and a topic, a question, or an outlet.",
    subscriptions_heading="What you are told of",
    schedule_how=(
        "Updates come: {schedule}.\n\nChange it with /schedule now, /schedule hourly, or times"
        " of day, as in /schedule 8:00 18:30. The time zone is {zone}; see /settings."
    ),
    quiet_how=(
        "Quiet hours: {quiet}. What comes then is kept, and told as one digest afterwards."
        "\n\nChange them with /quiet 22:00-7:00, or end them with /quiet off."
    ),
    quiet_off="none",
    muted="Nothing more of this story.",
    less="Narrower from now on. See /subscriptions.",
    ask_about="Ask me about: ",
    only_chat_admins="Only administrators of this chat can do that.",
    exported="What this chat is told of. Send this file to me in another chat to restore it there.",
    imported="Subscriptions restored: {count}.",
    import_unreadable="This file holds no subscriptions of mine.",
    why_button="Why?",
    ask_button="Ask about it",
    mute_button="Mute story",
    less_button="Less like this",
    follow_button="Follow",
    answer_before="Before, it was:",
    answer_changed="The answer has changed: ",
    answer_found="There is an answer now: ",
    story_goes_on="New in: ",
    also_reported="Also reported by {count}:",
    because={
        "topic": "Because you follow: ",
        "question": "Because you asked to be told: ",
        "story": "Because you follow this story: ",
        "source": "Because you follow this source: ",
    },
    digest_of_one="1 update",
    digest_of="{count} updates",
    nothing_due="Nothing is waiting for you.",
    check_what="Reply to one of my answers with /check, and I look whether it still stands.",
    answered_on="Answered on {day}",
    no_quotes="This answer quoted nothing, so there is nothing to check.",
    standings={
        "stands": "Still stands:",
        "changed": "The article has changed. It said:",
        "gone": "The article has changed and no longer says this:",
        "removed": "Removed: this article is no longer among my sources. It said:",
        "unreadable": "What I keep of this article is damaged, so I can't check this:",
    },
    says_now="Now it says:",
    corrects_itself="The article says of itself:",
    answer_outdated="No longer as I answered: ",
    command_help={
        "ask": "Ask a question",
        "latest": "The latest articles",
        "check": "Whether an answer still stands",
        "subscribe": "Be told of news on a topic, or when an answer changes",
        "subscriptions": "What you are told of",
        "unsubscribe": "End a subscription",
        "schedule": "When updates come",
        "quiet": "Hours without updates",
        "digest": "What is waiting for you, now",
        "export": "Your subscriptions as a file",
        "sources": "What I read",
        "status": "How I am doing",
        "settings": "Language, time zone and previews",
        "forget": "Delete what I keep about this chat",
        "help": "How to use me",
        "start": "What I am",
    },
)

# Another language is another Catalogue in a file of its own, and an entry here.
LANGUAGES: dict[str, Catalogue] = {ENGLISH.language: ENGLISH}

_spoken: ContextVar[Catalogue] = ContextVar("spoken", default=ENGLISH)


def spoken() -> Catalogue:
    """The texts in the language of whoever is answered now; speak() sets it."""
    return _spoken.get()


def speak(*wishes: str | None) -> Catalogue:
    """Answer in the first of these languages that there is, else in English, from here on.

    Holds for the task that calls it and for those that it starts.
    """
    found = language_of(wishes, LANGUAGES)
    _spoken.set(found)
    return found


def language_of(wishes: Iterable[str | None], known: Mapping[str, Catalogue]) -> Catalogue:
    """The catalogue of the first wish that is known, by its tag or the language in it. Pure."""
    for wish in wishes:
        tag = (wish or "").lower()
        for name in (tag, tag.split("-")[0]):
            if name in known:
                return known[name]
    return ENGLISH
