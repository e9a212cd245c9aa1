"""When the newest text that was matched had been stored, beside how far the news was matched."""

import sqlalchemy as sa
from alembic import op

revision = "0004_cursors"
down_revision = "0003_citations"


def upgrade() -> None:
    op.add_column("cursors", sa.Column("stored", sa.DateTime))


def downgrade() -> None:
    op.drop_column("cursors", "stored")
