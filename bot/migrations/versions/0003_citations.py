"""Which articles each answer cites, and the forum's topic that it was given in."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003_citations"
down_revision = "0002_subscriptions"


def upgrade() -> None:
    op.add_column("answers", sa.Column("thread", sa.BigInteger, nullable=False, server_default="0"))
    citations = op.create_table(
        "citations",
        sa.Column(
            "answer",
            sa.Integer,
            sa.ForeignKey("answers.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("article", sa.Integer, nullable=False),
    )
    op.create_index("citations_of_key", "citations", ["key"])
    op.create_index("citations_of_article", "citations", ["article"])
    connection = op.get_bind()
    for number, stored in connection.execute(sa.text("SELECT id, answer FROM answers")).all():
        answer = json.loads(stored) if isinstance(stored, str) else stored
        cited = {c["article"]["key"]: c["article"]["id"] for c in answer["claims"]}
        if cited:
            connection.execute(
                sa.insert(citations),
                [{"answer": number, "key": key, "article": id_} for key, id_ in cited.items()],
            )


def downgrade() -> None:
    op.drop_table("citations")
    op.drop_column("answers", "thread")
