"""The spool: its bytes as documented, and every way a value can come in."""

from __future__ import annotations

import math
import os
import unittest
from unittest import mock

from helpers import ProjectTest, read_spool

from datmo._plain_spool import PlainSpool
from datmo._recorder import Recorder
from datmo._spool import LARGEST, SpoolWriter

RUN = "abcdefghijklmnopqrstuvwxyz"


class Kept(Recorder):
    """A recorder without the rest of a run."""

    def __init__(self, folder):
        super().__init__(RUN, folder)
        self.texts = []

    def _write_summary(self, values):
        self.texts.append(dict(values))


class SpoolFormat(ProjectTest):
    def kept(self):
        return Kept(self.folder)

    def read(self):
        names = [name for name in os.listdir(self.folder) if name.endswith(".bin")]
        found = [read_spool(os.path.join(self.folder, name)) for name in names]
        self.assertTrue(all(run_id == RUN for run_id, _, _ in found))
        return [point for _, points, _ in found for point in points]

    def test_reads_back_as_documented(self):
        recorder = self.kept()
        recorder.log({"loss": 0.5, "häßlich/§": -1.5}, step=7)
        recorder.log({"loss": math.nan})
        recorder.log({"loss": math.inf, "a" * 64: -math.inf}, step=-(2**63))
        points = self.read()
        self.assertEqual(
            [point[:2] for point in points],
            [
                ("loss", 7),
                ("häßlich/§", 7),
                ("loss", 8),
                ("loss", -(2**63)),
                ("a" * 64, -(2**63)),
            ],
        )
        self.assertEqual(points[0][2], 0.5)
        self.assertTrue(math.isnan(points[2][2]))
        self.assertEqual((points[3][2], points[4][2]), (math.inf, -math.inf))
        self.assertAlmostEqual(points[0][3], points[4][3], delta=60)

    def test_file_is_private_and_shrinks_when_it_is_closed(self):
        recorder = self.kept()
        recorder.log({"loss": 1})
        (writer,) = recorder.writers()
        self.assertEqual(os.stat(writer.path).st_mode & 0o777, 0o600)
        self.assertEqual(os.path.getsize(writer.path), 1 << 20)
        recorder._stop_recording()
        self.assertEqual(os.path.getsize(writer.path), 64 + 3 * 32)
        self.assertEqual(len(self.read()), 1)

    def test_grows_over_blocks_and_megabytes(self):
        recorder = self.kept()
        for step in range(70_000):
            recorder.log({"loss": step, "acc": -step}, step)
            if step % 20_000 == 0:
                recorder.log({f"new {step}": step}, step)
        points = self.read()
        self.assertEqual(len(points), 140_004)
        self.assertEqual([p[1] for p in points if p[0] == "acc"], list(range(70_000)))
        self.assertEqual([p[2] for p in points if p[0] == "loss"], list(range(70_000)))
        (writer,) = recorder.writers()
        self.assertEqual(writer.settled(), read_spool(writer.path)[2])

    def test_goes_on_in_a_new_file_when_one_is_full(self):
        with mock.patch("datmo._spool.LARGEST", 1 << 20):
            recorder = self.kept()
            for step in range(100_000):
                recorder.log({"loss": step}, step)
        files = [name for name in os.listdir(self.folder) if name.endswith(".bin")]
        self.assertEqual(len(files), 4)
        self.assertEqual(sorted(point[1] for point in self.read()), list(range(100_000)))
        self.assertEqual(LARGEST, 64 << 20)

    def test_a_name_that_does_not_fit_any_more(self):
        with mock.patch("datmo._spool.LARGEST", 1 << 20):
            recorder = self.kept()
            for step in range(32_760):
                recorder.log({"loss": step}, step)
            recorder.log({"x" * 1000: 1.0}, 0)
        self.assertEqual(len([p for p in self.read() if p[0] == "x" * 1000]), 1)
        self.assertEqual(len(self.read()), 32_761)

    def test_long_names_are_cut_between_characters(self):
        recorder = self.kept()
        recorder.log({"ä" * 600: 1})
        self.assertEqual(self.read()[0][0], "ä" * 500)

    def test_values_of_every_kind(self):
        class Scalar:
            def __float__(self):
                return 2.5

        class Broken:
            def __float__(self):
                raise RuntimeError("on another device")

        recorder = self.kept()
        recorder.log({"int": 3, "bool": True, "scalar": Scalar(), "huge": 10**400, 5: 1.0})
        recorder.log({"nested": {"a": 1, "b": {"c": 2}}, "text": "hello", "none": None, "number-like": "0.5"})
        recorder.log({"broken": Broken(), "after": 1})
        values = {point[0]: point[2] for point in self.read()}
        self.assertEqual(
            values,
            {
                "int": 3,
                "bool": 1,
                "scalar": 2.5,
                "huge": math.inf,
                "5": 1.0,
                "nested.a": 1,
                "nested.b.c": 2,
                "after": 1,
            },
        )
        texts = {key: value for text in recorder.texts for key, value in text.items()}
        self.assertEqual((texts["text"], texts["none"], texts["number-like"]), ("hello", None, "0.5"))
        self.assertIn("Broken", texts["broken"])

    def test_the_same_text_is_kept_once(self):
        recorder = self.kept()
        for value in ("a", "a", "b", "b"):
            recorder.log({"phase": value})
        self.assertEqual(recorder.texts, [{"phase": "a"}, {"phase": "b"}])

    def test_steps(self):
        recorder = self.kept()
        recorder.log({"x": 0})
        recorder.log({"x": 0})
        recorder.log({"x": 0}, step=10)
        recorder.log({"x": 0})
        recorder.log({"x": 0}, step=3)
        self.assertEqual(recorder.step, 4)
        recorder.log({"x": 0})
        recorder.log({"x": 0}, step=7.0)
        recorder.log({"x": 0}, step="nonsense")
        recorder.log({"x": 0}, step=10**30)
        self.assertEqual([point[1] for point in self.read()], [0, 1, 10, 11, 3, 4, 7, 5, 2**63 - 1])
        self.assertEqual(recorder.step, 10**30 + 1)

    def test_never_raises(self):
        recorder = self.kept()
        for data in (None, 5, "text", [1, 2], {"a": object()}, [("pair", 1.0)]):
            recorder.log(data)
        recorder.log({"x": 1}, step=object())
        self.assertEqual(sorted(point[0] for point in self.read()), ["pair", "x"])
        self.assertEqual(len(recorder.writers()), 1)

    def test_numpy_values(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed")
        recorder = self.kept()
        recorder.log(
            {"f32": numpy.float32(0.5), "i64": numpy.int64(3), "zero": numpy.array(2.5), "b": numpy.bool_(True)}
        )
        recorder.log({"vector": numpy.arange(3)}, step=numpy.int64(9))
        self.assertEqual([point[2] for point in self.read()], [0.5, 3, 2.5, 1])
        self.assertEqual(recorder.texts, [{"vector": [0, 1, 2]}])

    def test_a_call_inside_a_call_overwrites_nothing(self):
        recorder = self.kept()

        class Logs:
            def __float__(self):
                recorder.log({"inner": 1})
                return 2.0

        recorder.log({"outer": Logs(), "after": 3})
        recorder.log({"outer": Logs()})
        self.assertEqual(sorted(point[0] for point in self.read()), ["after", "inner", "inner", "outer", "outer"])

    def test_an_interrupt_in_a_call_spoils_no_other_point(self):
        recorder = self.kept()

        class Interrupts:
            def __float__(self):
                raise KeyboardInterrupt

        for step in range(3):
            recorder.log({"x": step})
            with self.assertRaises(KeyboardInterrupt):
                recorder.log({"x": Interrupts()})
            recorder.log({"x": 10 + step})
        self.assertEqual(sorted(point[2] for point in self.read()), [0, 1, 2, 10, 11, 12])
        for writer in recorder.writers():
            self.assertEqual(writer.settled(), read_spool(writer.path)[2])

    def test_after_the_end_nothing_is_taken(self):
        recorder = self.kept()
        recorder.log({"x": 1})
        recorder._stop_recording()
        recorder.log({"x": 2})
        self.assertEqual(len(self.read()), 1)

    def test_a_link_in_the_place_of_the_file_is_refused(self):
        os.symlink("/etc/passwd", os.path.join(self.folder, "w.bin.tmp"))
        with self.assertRaises(OSError):
            SpoolWriter(self.folder, "w.bin", RUN)


class PlainSpoolFormat(ProjectTest):
    def test_is_used_where_files_cannot_be_mapped_and_reads_the_same(self):
        with mock.patch("datmo._recorder.is_network", return_value=True):
            recorder = Kept(self.folder)
        for step in range(100):
            recorder.log({"loss": step / 3, f"name {step}": 1.0}, step)
        (writer,) = recorder.writers()
        self.assertIsInstance(writer, PlainSpool)
        run_id, points, end = read_spool(writer.path)
        self.assertEqual((run_id, len(points), end), (RUN, 200, os.path.getsize(writer.path)))
        self.assertEqual([p[2] for p in points if p[0] == "loss"], [step / 3 for step in range(100)])
        self.assertEqual(writer.settled(), end)

    def test_falls_back_when_space_cannot_be_reserved(self):
        with mock.patch("datmo._spool.reserve", side_effect=OSError(28, "No space left on device")):
            recorder = Kept(self.folder)
            recorder.log({"loss": 1})
        (name,) = [name for name in os.listdir(self.folder) if name.endswith(".bin")]
        self.assertEqual(len(read_spool(os.path.join(self.folder, name))[1]), 1)

    def test_a_full_disk_delays_and_loses_nothing(self):
        spool = PlainSpool(self.folder, "w.bin", RUN)
        real = os.pwrite
        room = [200]

        def pwrite(descriptor, data, offset):
            allowed = max(0, min(len(data), room[0] - offset))
            if allowed == 0:
                raise OSError(28, "No space left on device")
            return real(descriptor, bytes(data[:allowed]), offset)

        with mock.patch("os.pwrite", pwrite):
            for step in range(50):
                self.assertTrue(spool.put("loss", float(step), step, 1.0))
            self.assertLess(spool.settled(), 200)
            room[0] = 1 << 30
            spool.flush()
        _, points, end = read_spool(spool.path)
        self.assertEqual([point[1] for point in points], list(range(50)))
        self.assertEqual(spool.settled(), end)

    def test_beyond_the_limit_points_are_counted(self):
        spool = PlainSpool(self.folder, "w.bin", RUN)
        with mock.patch("os.pwrite", side_effect=OSError(28, "No space left on device")):
            with mock.patch("datmo._plain_spool._MOST_WAITING", 10):
                for step in range(15):
                    spool.put("loss", 1.0, step, 1.0)
        self.assertEqual(spool.lost, 5)
        spool.flush()
        self.assertEqual([point[1] for point in read_spool(spool.path)[1]], list(range(10)))


if __name__ == "__main__":
    unittest.main()
