"""What newsbot says, and to whom."""
