"""What happens because time passes or something was committed: relay, matcher, timers, retention."""
