"""Things any program might need: ids, clock, codec, tasks, logging."""
