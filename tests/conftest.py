"""What holds for all tests: how long an example takes says more of the machine than of logscope."""

from hypothesis import settings

settings.register_profile("any machine", settings.default, deadline=None)
settings.load_profile("any machine")
