"""The commands: each reads its options, calls one function of the floors below, prints, and ends.

Whatever is heavy is imported inside the command, so that ``newsletter --help`` stays quick.
"""
