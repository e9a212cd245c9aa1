"""``python -m bot`` is the command ``newsbot``."""

from bot.cli import main

main()
