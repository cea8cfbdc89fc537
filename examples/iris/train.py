"""Softmax regression on Fisher's Iris data, in plain Python.

Run it with `datmo run python train.py`, with another config by
`datmo run -c lr=0.5 -c epochs=200 python train.py`, or on its own.
"""

import csv
import json
import math
import random

import datmo

DEFAULTS = {"lr": 0.1, "epochs": 60, "l2": 1e-3, "seed": 7, "test_share": 0.3}


def load(path):
    """Features (rows of 4 lengths in cm, standardised), labels (0..2) and class names."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["species"] for row in rows})
    keys = [key for key in rows[0] if key != "species"]
    columns = [[float(row[key]) for row in rows] for key in keys]
    scaled = []
    for column in columns:
        mean = sum(column) / len(column)
        deviation = math.sqrt(sum((x - mean) ** 2 for x in column) / len(column))
        scaled.append([(x - mean) / deviation for x in column])
    return [list(row) + [1.0] for row in zip(*scaled)], [names.index(row["species"]) for row in rows], names


def probabilities(weights, row):
    scores = [sum(w * x for w, x in zip(weight, row)) for weight in weights]
    top = max(scores)
    exponents = [math.exp(score - top) for score in scores]
    total = sum(exponents)
    return [exponent / total for exponent in exponents]


def evaluate(weights, rows, labels):
    """Mean cross entropy (nats) and share of rows classified right."""
    loss, right = 0.0, 0
    for row, label in zip(rows, labels):
        p = probabilities(weights, row)
        loss -= math.log(max(p[label], 1e-12))
        right += p.index(max(p)) == label
    return loss / len(rows), right / len(rows)


def main():
    run = datmo.init(config=DEFAULTS)
    config = run.config
    rows, labels, names = load("iris.csv")
    order = list(range(len(rows)))
    random.Random(config["seed"]).shuffle(order)
    cut = int(len(order) * config["test_share"])
    test, train = order[:cut], order[cut:]
    weights = [[0.0] * len(rows[0]) for _ in names]
    for epoch in range(1, config["epochs"] + 1):
        for i in train:
            p = probabilities(weights, rows[i])
            for k, weight in enumerate(weights):
                error = p[k] - (k == labels[i])
                for j, x in enumerate(rows[i]):
                    weight[j] -= config["lr"] * (error * x + config["l2"] * weight[j])
        loss, accuracy = evaluate(weights, [rows[i] for i in train], [labels[i] for i in train])
        test_loss, test_accuracy = evaluate(weights, [rows[i] for i in test], [labels[i] for i in test])
        run.log(
            {"loss": loss, "accuracy": accuracy, "test_loss": test_loss, "test_accuracy": test_accuracy},
            step=epoch,
        )
    with open("model.json", "w") as file:
        json.dump({"classes": names, "weights": weights}, file, indent=1)
    run.log_file("model.json")
    print(f"after {config['epochs']} epochs: test accuracy {test_accuracy:.3f}, test loss {test_loss:.4f}")


if __name__ == "__main__":
    main()
