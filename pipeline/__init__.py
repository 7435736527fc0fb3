"""Atalaya: from news feeds to stories. Start reading at `pipeline.runs`."""
