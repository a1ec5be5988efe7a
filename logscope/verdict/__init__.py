"""What the log proves, what is agreed upon, what has changed, and the exit code of it all.

`verify` judges checks, `waivers` what a team lives with, `baseline` compares with an earlier report, `gate` decides.
"""
