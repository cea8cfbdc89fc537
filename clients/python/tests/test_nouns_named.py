"""A noun's functions do not take the place of what they are made with."""

import unittest
from unittest import mock

import datmo


class Named(unittest.TestCase):
    def test_plugin_call_leaves_the_other_functions_alone(self):
        engine = mock.Mock()
        engine.request.return_value = {"items": []}
        with mock.patch("datmo._call.default_engine", return_value=engine):
            datmo.plugin.list()
        engine.request.assert_called_once_with("plugin.list", {})


if __name__ == "__main__":
    unittest.main()
