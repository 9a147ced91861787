"""The live preview: an issue as every reader will see it, on a page that only this computer can open.

a file changes ─changes→ Bench builds ─views, page→ what the browser is given ─server→ a page on loopback
"""
