"""How lines become files, and stay whole after a crash."""
