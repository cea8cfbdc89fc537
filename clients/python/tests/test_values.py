"""What users hand over as config and as values, from the libraries that they use."""

from __future__ import annotations

import json
import math
import os
import tempfile
import unittest

from helpers import ProjectTest
from packages import TORCH_PYTHON, needs, needs_with_torch

import datmo
from datmo._config_file import read_config_file
from datmo._values import to_json, to_number, to_object


class Plain(unittest.TestCase):
    def test_standard_library(self):
        import argparse
        import collections
        import dataclasses
        import datetime
        import decimal
        import enum
        import pathlib
        import types

        class Colour(enum.Enum):
            RED = "red"

        class Level(str, enum.Enum):
            HIGH = "high"

        @dataclasses.dataclass
        class Net:
            layers: list
            act: Colour = Colour.RED

        Pair = collections.namedtuple("Pair", "a b")
        given = {
            "namespace": argparse.Namespace(lr=0.1, sub=argparse.Namespace(x=1)),
            "simple": types.SimpleNamespace(a=1),
            "dataclass": Net([1, 2]),
            "named": Pair(1, 2),
            "levels": [Level.HIGH, (1, 2), {3}, collections.deque([4]), range(2)],
            "day": datetime.date(2024, 1, 2),
            "path": pathlib.Path("/a/b"),
            "decimal": decimal.Decimal("0.10"),
            "numbers": [float("nan"), float("inf"), -math.inf, 2**70, True, None],
            "function": os.path.join,
            "class": dict,
            "keys": {1: "a", (1, 2): "b", None: "c", Colour.RED: "d", 0.5: "e"},
        }
        self.assertEqual(
            to_json(given),
            {
                "namespace": {"lr": 0.1, "sub": {"x": 1}},
                "simple": {"a": 1},
                "dataclass": {"layers": [1, 2], "act": "red"},
                "named": {"a": 1, "b": 2},
                "levels": ["high", [1, 2], [3], [4], [0, 1]],
                "day": "2024-01-02",
                "path": "/a/b",
                "decimal": "0.10",
                "numbers": ["NaN", "Infinity", "-Infinity", str(2**70), True, None],
                "function": "posixpath.join",
                "class": "builtins.dict",
                "keys": {"1": "a", "(1, 2)": "b", "None": "c", "red": "d", "0.5": "e"},
            },
        )

    def test_what_has_no_form(self):
        class Thing:
            pass

        class Rude:
            def __str__(self):
                raise RuntimeError

        ring: list = [1]
        ring.append(ring)
        text = to_json(Thing(), None)
        self.assertEqual(text, to_json(Thing(), None), "addresses would make equal runs differ")
        self.assertEqual(to_json(Rude(), None), "<Rude>")
        self.assertEqual(to_json(ring, None)[0], 1)
        json.dumps(
            to_json({"ring": ring, "bytes": b"\xff", "complex": 1j, "huge": range(10**9)}, None), allow_nan=False
        )
        with self.assertRaises(TypeError):
            to_object([1])

    def test_numbers(self):
        self.assertEqual(
            [to_number(value) for value in (True, 2, "3", b"4", None, [1])], [1.0, 2.0, None, None, None, None]
        )
        self.assertEqual(to_number(10**400), math.inf)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:

            def read(name, text):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
                return read_config_file(os.path.join(folder, name))

            self.assertEqual(read("a.json", '{"a": {"b": 1}}'), {"a": {"b": 1}})
            self.assertEqual(
                read("w.json", '{"lr": {"desc": null, "value": 0.1}, "n": {"value": 2}}'), {"lr": 0.1, "n": 2}
            )
            with self.assertRaises(TypeError):
                read("l.json", "[1]")
            with self.assertRaises(ValueError):
                read("a.txt", "x")
            with self.assertRaises(datmo.DatmoError):
                read_config_file(os.path.join(folder, "no.json"))


class Libraries(unittest.TestCase):
    @needs("numpy")
    def test_numpy(self):
        import numpy as np

        given = {
            "a": np.float32(0.5),
            "b": np.int64(3),
            "c": np.array(2.5),
            "d": np.arange(3),
            "e": np.bool_(True),
            "f": np.str_("s"),
        }
        self.assertEqual(to_json(given), {"a": 0.5, "b": 3, "c": 2.5, "d": [0, 1, 2], "e": True, "f": "s"})
        self.assertEqual(to_json(np.float64("nan")), "NaN")
        self.assertEqual(
            [to_number(np.array([[7.0]])), to_number(np.float16(0.5)), to_number(np.arange(2))], [7.0, 0.5, None]
        )
        self.assertIsInstance(to_json(np.zeros(20000), None), str)

    @needs("jax")
    def test_jax(self):
        import jax.numpy as jnp

        self.assertEqual(to_json({"a": jnp.float32(0.5), "b": jnp.arange(3)}), {"a": 0.5, "b": [0, 1, 2]})
        self.assertEqual([to_number(jnp.float32(2)), to_number(jnp.ones((1,)))], [2.0, 1.0])

    @needs("pydantic")
    def test_pydantic(self):
        import pydantic
        import pydantic.v1

        class Inner(pydantic.BaseModel):
            lr: float = 0.1

        class Model(pydantic.BaseModel):
            inner: Inner = Inner()
            names: tuple = ("a",)

        class Old(pydantic.v1.BaseModel):
            lr: float = 0.1

        self.assertEqual(to_object(Model()), {"inner": {"lr": 0.1}, "names": ["a"]})
        self.assertEqual(to_object(Old()), {"lr": 0.1})

    @needs("omegaconf")
    def test_omegaconf(self):
        from omegaconf import OmegaConf

        config = OmegaConf.create({"lr": 0.1, "twice": "${lr}", "net": {"layers": [1, 2], "must": "???"}})
        self.assertEqual(to_object(config), {"lr": 0.1, "twice": 0.1, "net": {"layers": [1, 2], "must": "???"}})
        self.assertEqual(to_object(OmegaConf.create({"a": "${later}"})), {"a": "${later}"})
        self.assertEqual(to_json({"net": config.net}), {"net": {"layers": [1, 2], "must": "???"}})

    @needs("yaml")
    def test_yaml(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "c.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write("lr: 0.1\nday: 2024-01-02\nnet:\n  layers: [1, 2]\n  1: one\n")
            expected = {"lr": 0.1, "day": "2024-01-02", "net": {"layers": [1, 2], "1": "one"}}
            self.assertEqual(read_config_file(path), expected)
            with open(path, "w", encoding="utf-8") as file:
                file.write("a: [")
            with self.assertRaises(ValueError):
                read_config_file(path)


class Recorded(ProjectTest):
    @needs_with_torch("torch")
    def test_torch(self):
        self.script(
            "import torch, datmo\nrun = datmo.init(config={'t': torch.tensor(0.5), 'l': torch.arange(2), 'd': torch.device('cpu'), 'k': torch.float16})\n"
            "run.log({'a': torch.tensor(1.5, requires_grad=True), 'b': torch.tensor([[2]]), 'c': torch.tensor(0.5, dtype=torch.bfloat16), 'e': torch.ones(2)})\n"
            "run.log({'img': datmo.Image(torch.rand(3, 4, 5), caption='x')})\n",
            python=TORCH_PYTHON,
        )
        self.assertEqual(self.config(), {"t": 0.5, "l": [0, 1], "d": "cpu", "k": "torch.float16"})
        self.assertEqual({name: value for name, _s, value, _a in self.points()}, {"a": 1.5, "b": 2.0, "c": 0.5})
        self.assertEqual(self.summary()["e"], [1.0, 1.0])
        self.assertEqual(os.listdir(os.path.join(self.task_directory(), "media", "img")), ["1.png"])

    @needs("yaml", "matplotlib", "PIL", "pandas")
    def test_pictures_and_tables(self):
        with open(os.path.join(self.folder, "c.yaml"), "w", encoding="utf-8") as file:
            file.write("lr: 0.25\n")
        done = self.script(
            "import datmo, numpy as np, pandas as pd, matplotlib\nmatplotlib.use('Agg')\nfrom matplotlib import pyplot as plt\nfrom PIL import Image\n"
            "run = datmo.init(config='c.yaml')\nplt.plot([1, 2])\n"
            "run.log({'plt': plt, 'figure': plt.gcf(), 'pil': Image.new('RGB', (3, 2), 'red'), 'df': pd.DataFrame({'a': [1, 2]}),\n"
            "  'many': [datmo.Image(np.zeros((2, 3))), datmo.Image(np.full((2, 3, 4), 200, 'uint8'))], '../up/..': datmo.Html('x'),\n"
            "  'sound': datmo.Audio([0.0, 0.5], 8000), 'wrong': datmo.Image(np.zeros((2, 3, 7)))})\n"
            "for name in ('many/0.png', 'many/0-1.png', 'pil/0.png', 'plt/0.png'):\n"
            "    picture = Image.open(run.dir + '/media/' + name); picture.load(); print(name, picture.mode, picture.size[0] if 'plt' not in name else '')\n"
            "print(pd.read_json(run.dir + '/media/df/0.table.json', orient='split')['a'].tolist())\n"
        )
        self.assertIn("could not log 'wrong': a picture has the shape", done.stderr)
        self.assertEqual(
            done.stdout.split("\n")[:5],
            ["many/0.png L 3", "many/0-1.png RGBA 3", "pil/0.png RGB 3", "plt/0.png RGBA ", "[1, 2]"],
        )
        self.assertEqual(self.config(), {"lr": 0.25})
        media = os.path.join(self.task_directory(), "media")
        self.assertEqual(
            sorted(os.listdir(media)), ["df", "figure", "index.jsonl", "many", "pil", "plt", "sound", "up", "wrong"]
        )
        self.assertEqual(os.listdir(os.path.join(media, "wrong")), [])


if __name__ == "__main__":
    unittest.main()
