"""Callbacks in the real libraries."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest

from helpers import SOURCE, ProjectTest
from packages import TORCH_PYTHON, needs, needs_with_torch

QUIET = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
# Debian's build of PyTorch 1.13.1 calls itself an alpha version, which libraries take for an older one.
TORCH = "import torch\nif torch.__version__ == '1.13.0a0': torch.__version__ = '1.13.1'\n"
DATA = "import numpy as np\nrandom = np.random.default_rng(0)\nX = random.normal(size=(60, 4))\ny = (X[:, 0] > 0).astype(int)\n"


class Integrations(ProjectTest):
    def run_script(self, code, **more):
        return self.script(code, timeout=240, **QUIET, **more)

    @needs("lightgbm")
    def test_lightgbm(self):
        self.run_script(
            DATA + "import datmo, lightgbm\nfrom datmo.integrations.lightgbm import DatmoCallback\nrun = datmo.init()\n"
            "data = lightgbm.Dataset(X[:40], y[:40])\nheld = data.create_valid(X[40:], y[40:])\n"
            "lightgbm.train({'objective': 'binary', 'verbose': -1, 'num_leaves': 3}, data, 5, valid_sets=[held], valid_names=['held'],\n"
            "    callbacks=[lightgbm.early_stopping(50, verbose=False), DatmoCallback()])\n"
            "lightgbm.cv({'objective': 'binary', 'verbose': -1}, lightgbm.Dataset(X, y), 3, nfold=2, callbacks=[DatmoCallback(run)])\n"
        )
        self.assertEqual([step for step, _ in self.series("held/binary_logloss")], [0, 1, 2, 3, 4])
        self.assertEqual([step for step, _ in self.series("valid/binary_logloss.std")], [0, 1, 2])
        self.assertEqual(self.config()["lightgbm"]["num_leaves"], 3)

    @needs("xgboost")
    def test_xgboost(self):
        self.run_script(
            DATA + "import datmo, xgboost\nfrom datmo.integrations.xgboost import DatmoCallback\ndatmo.init()\n"
            "data, held = xgboost.DMatrix(X[:40], y[:40]), xgboost.DMatrix(X[40:], y[40:])\n"
            "xgboost.train({'objective': 'binary:logistic', 'max_depth': 2, 'nthread': 1}, data, 5, evals=[(held, 'held')],\n"
            "    callbacks=[DatmoCallback()], verbose_eval=False, early_stopping_rounds=9)\n"
            "xgboost.cv({'objective': 'binary:logistic', 'nthread': 1}, data, 2, nfold=2, callbacks=[DatmoCallback()])\n"
        )
        self.assertEqual([step for step, _ in self.series("held/logloss")], [0, 1, 2, 3, 4])
        self.assertEqual([step for step, _ in self.series("test/logloss.std")], [0, 1])
        self.assertEqual(self.config()["xgboost"]["max_depth"], 2)
        self.assertIn("best_iteration", self.summary())

    @needs("sklearn")
    def test_sklearn(self):
        self.run_script(
            DATA + "import datmo\nfrom sklearn.linear_model import LogisticRegression\n"
            "from sklearn.model_selection import GridSearchCV\nfrom sklearn.neural_network import MLPClassifier\n"
            "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
            "from sklearn.cluster import KMeans\nfrom datmo.integrations.sklearn import fit\n"
            "model = fit(make_pipeline(StandardScaler(), LogisticRegression(C=0.5)), X[:40], y[:40], validation=(X[40:], y[40:]), name='lr')\n"
            "assert model.predict(X).shape == (60,)\n"
            "fit(MLPClassifier((3,), max_iter=400, random_state=0), X, y)\nfit(KMeans(2, random_state=0, n_init=1), X)\n"
            "fit(GridSearchCV(LogisticRegression(), {'C': [0.1, 1.0]}, cv=2), X, y, name='search')\n"
        )
        self.assertEqual(self.config()["lr"]["logisticregression__C"], 0.5)
        self.assertEqual(self.config()["lr"]["logisticregression"], "LogisticRegression(C=0.5)")
        self.assertGreater(self.series("lr/validation/score")[0][1], 0.5)
        self.assertGreater(len(self.series("MLPClassifier/loss_curve")), 5)
        self.assertEqual(len(self.series("KMeans/inertia_")), 1)
        self.assertIn(self.config()["search"]["best_params"]["C"], (0.1, 1.0))
        self.assertTrue(os.listdir(os.path.join(self.task_directory(), "media", "search", "cv_results")))

    @needs("keras", "jax")
    def test_keras(self):
        self.run_script(
            DATA + "import keras\nfrom datmo.integrations.keras import DatmoCallback\n"
            "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation='sigmoid')])\n"
            "model.compile(keras.optimizers.Adam(0.25), 'binary_crossentropy', metrics=['accuracy'])\n"
            "model.fit(X, y, epochs=3, batch_size=20, validation_split=0.2, verbose=0, callbacks=[DatmoCallback(batches=True)])\n"
        )
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            self.assertEqual([step for step, _ in self.series(name)], [0, 1, 2])
        self.assertEqual([step for step, _ in self.series("batch/loss")], list(range(9)))
        keras = self.config()["keras"]
        self.assertEqual((keras["parameters"], keras["optimizer"]["learning_rate"], keras["epochs"]), (5, 0.25, 3))

    @needs_with_torch("torch", "pytorch_lightning")
    def test_lightning(self):
        self.run_script(
            # Its sharded tensors do not go with Python 3.11.
            TORCH
            + "torch.distributed.is_available = lambda: False\nimport pytorch_lightning as pl\nfrom datmo.integrations.lightning import DatmoLogger\n"
            "class Model(pl.LightningModule):\n"
            "    def __init__(self, lr):\n        super().__init__(); self.save_hyperparameters(); self.layer = torch.nn.Linear(4, 1)\n"
            "    def loss(self, batch, name):\n        value = self.layer(batch[0]).pow(2).mean(); self.log(name, value); return value\n"
            "    def training_step(self, batch, i): return self.loss(batch, 'loss')\n"
            "    def validation_step(self, batch, i): self.loss(batch, 'val_loss')\n"
            "    def test_step(self, batch, i): self.loss(batch, 'test_loss')\n"
            "    def configure_optimizers(self): return torch.optim.SGD(self.parameters(), self.hparams.lr)\n"
            "data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(8, 4)), batch_size=2)\n"
            "logger = DatmoLogger(checkpoints=True)\n"
            "trainer = pl.Trainer(max_epochs=2, logger=logger, log_every_n_steps=2, accelerator='cpu', enable_progress_bar=False,\n"
            "    enable_model_summary=False, callbacks=[pl.callbacks.ModelCheckpoint('checkpoints', monitor='val_loss')])\n"
            "trainer.fit(Model(0.125), data, data); trainer.test(Model(0.125), data, verbose=False)\n"
            "assert logger.version == logger.experiment.id\n",
            python=TORCH_PYTHON,
        )
        self.assertEqual([step for step, _ in self.series("loss")], [1, 3, 5, 7])
        self.assertEqual([step for step, _ in self.series("val_loss")], [3, 7])
        self.assertEqual(len(self.series("test_loss")), 1)
        self.assertEqual(self.config(), {"lr": 0.125})
        self.assertEqual(len({line["name"] for line in self.lines("file")}), 1)

    @needs_with_torch("torch", "transformers", "accelerate")
    def test_transformers(self):
        self.run_script(
            TORCH + "from transformers import PretrainedConfig, Trainer, TrainingArguments\n"
            "from datmo.integrations.transformers import DatmoCallback\n"
            "class Model(torch.nn.Module):\n"
            "    def __init__(self):\n        super().__init__(); self.layer = torch.nn.Linear(4, 1); self.config = PretrainedConfig(hidden=4)\n"
            "    def forward(self, x, labels=None):\n        out = self.layer(x); return {'loss': (out - labels).pow(2).mean(), 'logits': out}\n"
            "data = [{'x': torch.ones(4), 'labels': torch.zeros(1)} for _ in range(8)]\n"
            "arguments = TrainingArguments('out', num_train_epochs=2, per_device_train_batch_size=2, logging_steps=2, report_to=[],\n"
            "    evaluation_strategy='epoch', save_strategy='epoch', learning_rate=0.25, use_cpu=True, disable_tqdm=True)\n"
            "Trainer(Model(), arguments, train_dataset=data, eval_dataset=data, callbacks=[DatmoCallback(checkpoints=True)]).train()\n",
            python=TORCH_PYTHON,
        )
        self.assertEqual([step for step, _ in self.series("loss")], [2, 4, 6, 8])
        self.assertEqual([step for step, _ in self.series("eval_loss")], [4, 8])
        config = self.config()
        self.assertEqual((config["trainer"]["learning_rate"], config["model"]["hidden"]), (0.25, 4))
        self.assertEqual(
            {line["name"] for line in self.lines("file")}, {"checkpoints/checkpoint-4", "checkpoints/checkpoint-8"}
        )


class Imports(unittest.TestCase):
    def test_nothing_is_imported_before_it_is_used(self):
        code = (
            "import sys; before = set(sys.modules); import datmo; datmo.runs, datmo.init, datmo.Table, datmo.integrations\n"
            "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before} - {'datmo'}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": SOURCE},
            capture_output=True,
            text=True,
            check=True,
        )
        for name in ("numpy", "pandas", "pyarrow", "yaml", "torch", "keras", "sklearn", "subprocess", "IPython"):
            self.assertNotIn(repr(name), done.stdout)


if __name__ == "__main__":
    unittest.main()
