"""What the machine does right now: functions without memory."""
