"""Replay of real recorded feeds and real pages over loopback, under their own host names.

`world` builds what is served, `measure` runs the pipeline over it and compares with the gold;
``python -m tests.replay`` prints the figures.
"""
