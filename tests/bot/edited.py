"""Sentences as newspapers edit them: what was quoted, what stands there afterwards.

Written for the tests; none was looked at when the likeness was chosen.
"""

# What was quoted; the new version's sentences; which of them says it now (None: none does).
EDITED: tuple[tuple[str, tuple[str, ...], int | None], ...] = (
    (
        "Three people died in the fire, police said.",
        ("Five people died in the fire, police said.", "The fire began in a kitchen."),
        0,
    ),
    (
        "The bridge cost 40 million crowns.",
        ("Tolls begin in May.", "The bridge cost 97 million crowns, the council said."),
        1,
    ),
    (
        "Mayor Ina Falk resigned on Tuesday.",
        ("Mayor Ina Falk offered her resignation on Tuesday.", "Nobody has taken her place."),
        0,
    ),
    (
        "The ceasefire was brokered by Russia and took effect at noon.",
        ("The ceasefire took effect at 13:00.", "It was brokered by Russia and Turkey."),
        0,
    ),
    (
        "The company will close its plant in Oster by the end of the year.",
        ("The company will not close its plant in Oster, it said on Friday.",),
        0,
    ),
    (
        "A spokesman for the ministry declined to comment.",
        ("The ministry denied the report.", "Shares fell by four per cent."),
        None,
    ),
    (
        "Witnesses saw two men run from the bank.",
        ("Police arrested a woman on Thursday.", "The bank reopened in the afternoon."),
        None,
    ),
    (
        "The earthquake had a magnitude of 6.8, the survey said.",
        ("The earthquake had a magnitude of 7.1, the survey said after a review.",),
        0,
    ),
    (
        "He was born in Lund in 1961.",
        ("He was born in Malmo in 1963.", "His mother taught music."),
        0,
    ),
    (
        "The trial begins on 4 March in Vienna.",
        ("The court has put the trial off.", "The trial begins on 9 April in Vienna."),
        1,
    ),
    (
        "The minister said the vaccine would be free for all.",
        ("The minister said the vaccine would be free for people over 60.",),
        0,
    ),
    (
        "Rebels shot the aircraft down, the general said.",
        ("The aircraft crashed because of ice on its wings, investigators found.",),
        None,
    ),
    (
        "The club signed Amara Diallo for 12 million euros.",
        ("The club signed Amara Diallo for an undisclosed sum.", "She is a striker."),
        0,
    ),
    (
        "Unemployment fell to 5.1 per cent in June.",
        ("Inflation stood at two per cent.", "Unemployment fell to 5.3 per cent in June."),
        1,
    ),
    (
        "Schools stay closed until Monday, the county said.",
        ("The county opened its schools again.", "Snow fell for a third day."),
        0,
    ),
    (
        "The film won four prizes, among them best picture.",
        ("Critics praised the film.", "Its director is working on a series."),
        None,
    ),
    (
        "Some 2,000 protesters marched to the parliament.",
        ("About 20,000 protesters marched to the parliament, organisers said.",),
        0,
    ),
    (
        "The talks were held in Doha on Sunday.",
        ("The talks were held in Cairo on Sunday.", "Qatar's envoy took part by telephone."),
        0,
    ),
    (
        "The ship sank within an hour after it hit a reef.",
        ("All 40 sailors were rescued.", "The weather was calm."),
        None,
    ),
    (
        "The bank raised its key rate by half a point to 4 per cent.",
        ("The bank raised its key rate by a quarter point to 3.75 per cent.",),
        0,
    ),
)

# How newspapers say that they were wrong, and sentences that only look like it.
TOLD = (
    "Correction: The bridge cost 97 million crowns, not 40 million.",
    "CORRECTION, June 5, 2024: An earlier version gave the wrong sum.",
    "Correction (5 June): The mayor's name is Falk.",
    "Corrections & Clarifications: The match was played in Oslo.",
    "Clarification: The figure is for the whole county.",
    "Corrected on 5 June: The sum was misstated.",
    "An earlier version of this article misstated the cost of the bridge.",
    "A previous version of this story named the wrong minister.",
    "• This article was amended on 5 June 2024. The bridge is in Lundholm.",
    "This story has been corrected to say that five people died.",
    "(This June 5 story has been corrected to fix the sum in paragraph 3)",
    "This version corrects the spelling of the mayor's name.",
    "In an earlier version of this report, the bridge was called a tunnel.",
)
NOT_TOLD = (
    "Correction officers said that the prison was quiet.",
    "The Department of Corrections announced a review.",
    "A market correction: that is what analysts expect, and some want it.",
    "The minister corrected himself an hour later.",
    "An earlier version of the bill would have taxed sugar.",
    "The law was amended on 5 June 2024.",
    "Corrections to the tax code take years.",
    "She asked for a clarification, and got none.",
    "The article of the constitution was amended in 1999, lawyers said.",
)
