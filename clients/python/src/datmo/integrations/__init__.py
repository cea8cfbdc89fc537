"""Callbacks for training libraries, one module each: ``from datmo.integrations.keras import DatmoCallback``.

A module needs its library and imports it; nothing else of datmo does. All of them log to the run they are given, or
to the current one, or begin one.
"""
