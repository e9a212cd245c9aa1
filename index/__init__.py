"""What the news says; knows nothing of chats or Telegram."""
