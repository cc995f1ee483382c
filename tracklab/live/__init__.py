"""What has just changed."""
