"""What people can do, a feature a file. Thin: an update in, a call, a reply out."""
