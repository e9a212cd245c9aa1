"""Every sentence that newsbot says of itself, in one place: another language is another file.

Texts with {names} are filled by str.format. Nothing here is markup.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language; ``language`` is its IETF tag."""

    language: str
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
    outlet_not_named: str
    no_date: str
    paragraph: str
    paragraphs: str
    read_as: str
    still_indexing: str
    passage_button: str
    more_button: str
    right_button: str
    wrong_button: str
    thanks: str
    no_more: str
    more_heading: str
    gone: str
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
    command_help: dict[str, str]


ENGLISH = Catalogue(
    language="en",
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
        " passages, and your verdict tells those who run me whether it was right."
    ),
    closest="The closest I found, but it doesn't answer that:",
    not_in_sources="Not in my sources.",
    covers="They cover {articles}, {earliest} to {latest}.",
    covers_undated="They cover {articles}, without dates.",
    covers_nothing="I have no articles yet.",
    newest_from="Newest from {outlets}.",
    one_article="1 article",
    many_articles="{count:,} articles",
    sources_heading="Sources",
    outlet_not_named="outlet not named",
    no_date="no date",
    paragraph="paragraph {numbers}",
    paragraphs="paragraphs {numbers}",
    read_as="I read this as: {question}",
    still_indexing="I am still reading; this is from what I have so far.",
    passage_button="Passage",
    more_button="More",
    right_button="Right",
    wrong_button="Wrong",
    thanks="Thank you, noted.",
    no_more="I have nothing more on this.",
    more_heading="More passages",
    gone="This answer is no longer kept.",
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
    command_help={
        "ask": "Ask a question",
        "latest": "The latest articles",
        "subscribe": "Be told of news on a topic, or when an answer changes",
        "subscriptions": "What you are told of",
        "unsubscribe": "End a subscription",
        "schedule": "When updates come",
        "quiet": "Hours without updates",
        "digest": "What is waiting for you, now",
        "export": "Your subscriptions as a file",
        "sources": "What I read",
        "status": "How I am doing",
        "settings": "Time zone and previews",
        "forget": "Delete what I keep about this chat",
        "help": "How to use me",
    },
)
