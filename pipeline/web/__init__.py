"""The analyst's page: server-rendered, read-only, without scripts.

`serve.py` starts it, `app.py` turns addresses into views, `views*.py` ask and arrange, `desk.py` asks the snapshot and
remembers what it asked (every page can show its SQL), `render.py` and ``templates/`` write HTML, `plots.py` draws.
"""
