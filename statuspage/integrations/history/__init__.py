"""What others have published, read as incidents of ours. Nothing that comes from there is believed or trusted."""
