"""What a first user sees: a real training and a real service, monitored end to end."""
