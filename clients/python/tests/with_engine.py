"""Projects with the real engine. Tests that need one are skipped, visibly, until `npm run build` has made it."""

from __future__ import annotations

import os
import shutil
import unittest
from unittest import mock

from helpers import REPOSITORY, ProjectTest

import datmo

ENGINE = os.environ.get("DATMO_TEST_ENGINE") or os.path.join(REPOSITORY, "dist", "engine.js")
NODE = os.environ.get("DATMO_NODE") or shutil.which("node")


@unittest.skipUnless(NODE and os.path.exists(ENGINE), "needs Node and dist/engine.js: npm run build")
class WithEngine(ProjectTest):
    def setUp(self):
        super().setUp()
        shutil.rmtree(os.path.join(self.folder, ".datmo"))
        variables = {"DATMO_ENGINE": ENGINE, "DATMO_NODE": NODE}
        self.environment.update(variables)
        patched = mock.patch.dict(os.environ, variables)
        patched.start()
        self.addCleanup(patched.stop)
        self.engine = datmo.Engine(self.folder)
        self.addCleanup(self.engine.close)
        self.engine.request("project.create", {"directory": self.folder})

    def run_of(self, run_id=None):
        """The only run (or the one named), once it has ended."""
        if run_id is None:
            (run,) = self.engine.request("run.list")["items"]
            run_id = run["id"]
        return self.engine.request("run.wait", {"id": run_id, "timeoutMs": 60000})["run"]

    def history(self, run, name):
        points = self.engine.request("metric.history", {"runId": run["id"], "name": name})["points"]
        return list(zip(points["step"], [float(value) for value in points["value"]]))
