"""How answers are said over HTTP: the only room that knows the web framework."""
