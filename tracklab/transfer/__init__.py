"""How records of other tools become ordinary run directories, and runs archives."""
