"""Inside `datmo run`: the enclosing run is joined, by files alone."""

from __future__ import annotations

import json
import os
import unittest

from helpers import ProjectTest, read_journals


class Joined(ProjectTest):
    RUN = "b" * 26

    def setUp(self):
        super().setUp()
        self.task = os.path.join(self.folder, ".datmo", "tasks", self.RUN)
        for name in ("", "journal", "spool", "reply"):
            os.makedirs(os.path.join(self.task, name), exist_ok=True)
        self.environment["DATMO_TASK_DIR"] = self.task
        self.environment["DATMO_RUN_ID"] = self.RUN

    def test_needs_no_node_and_says_nothing(self):
        done = self.script(
            "import datmo, threading\nrun = datmo.init(config={'lr': 0.1})\nrun.log({'x': 1})\n"
            "print(run.id, threading.active_count(), datmo.init() is run)\n"
        )
        self.assertEqual((done.stdout, done.stderr), (f"{self.RUN} 1 True\n", ""))
        self.assertEqual([line["type"] for line in self.lines()], ["config"])
        self.assertEqual(len(self.points()), 1)
        (spool,) = os.listdir(os.path.join(self.task, "spool"))
        self.assertEqual(os.path.getsize(os.path.join(self.task, "spool", spool)), 64 + 3 * 32)
        self.assertFalse(os.path.exists(os.path.join(self.folder, ".datmo", "open")))
        self.assertFalse(os.path.exists(os.path.join(self.task, "output.log")))

    def test_the_command_line_wins(self):
        path = os.path.join(self.task, "config.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"lr": 0.5, "opt": {"name": "adam"}}, file)
        done = self.script(
            "import datmo\nrun = datmo.init(config={'lr': 0.1, 'opt': {'name': 'sgd', 'decay': 1}, 'n': 3})\nprint(run.config)",
            DATMO_CONFIG=path,
        )
        self.assertEqual(done.stdout.strip(), str({"lr": 0.5, "opt": {"name": "adam", "decay": 1}, "n": 3}))
        self.assertEqual([line["config"] for line in self.lines("config")], [{"opt": {"decay": 1}, "n": 3}])

    def test_log_without_init(self):
        self.script("import datmo\ndatmo.log({'x': 1})\ndatmo.config.a = 1")
        self.assertEqual(len(self.points()), 1)
        self.assertEqual([line["config"] for line in self.lines("config")], [{"a": 1}])

    def test_snapshot_asks_in_the_journal_and_reads_the_answer(self):
        child = self.start(
            "import datmo\nrun = datmo.init()\ns = run.snapshot('warm', label='best')\nprint(s.id, s.label)\n"
            "try: run.snapshot('again')\nexcept datmo.DatmoError as e: print(type(e).__name__, e.kind, e.details)\n"
        )
        answered = set()
        while len(answered) < 2:
            for name, lines in read_journals(self.task).items():
                for line in lines:
                    if line["type"] == "request" and line["id"] not in answered:
                        answered.add(line["id"])
                        result = {"snapshot": {"id": "s" * 26, **line["params"]}, "created": True}
                        error = {"code": 1500, "kind": "DISK_FULL", "message": "full", "details": {"operation": "x"}}
                        answer = {"result": result} if line["params"]["message"] == "warm" else {"error": error}
                        with open(os.path.join(self.task, "reply", name), "a", encoding="utf-8") as file:
                            file.write(json.dumps({"id": line["id"], **answer}) + "\n")
        output, _ = child.communicate(timeout=30)
        self.assertEqual(output.decode(), f"{'s' * 26} best\nStoreError DISK_FULL {{'operation': 'x'}}\n")

    def test_snapshot_that_nobody_answers(self):
        done = self.script(
            "import datmo\ntry: datmo.init().snapshot('m', timeout=0.2)\nexcept datmo.DatmoError as e: print(e.kind)"
        )
        self.assertEqual(done.stdout, "TIMEOUT\n")

    def test_snapshot_that_nobody_is_left_to_answer(self):
        from datmo._owner import owner

        for change, kind in (({"pid": 2**22 - 3}, "ENGINE_GONE"), ({}, "TIMEOUT"), ({"host": "other"}, "TIMEOUT")):
            folder = os.path.join(self.folder, ".datmo", "open")
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, f"{self.RUN}.json"), "w", encoding="utf-8") as file:
                json.dump({"v": 1, "type": "executed", "owner": {**owner(), **change}}, file)
            done = self.script(
                "import datmo\ntry: datmo.init().snapshot('m', timeout=2)\nexcept datmo.DatmoError as e: print(e.kind)"
            )
            self.assertEqual((change, done.stdout), (change, f"{kind}\n"))


if __name__ == "__main__":
    unittest.main()
