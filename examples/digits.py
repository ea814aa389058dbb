"""Train a small network to read handwritten digits, and try it on digits it has not seen.

The images (8 × 8 pixels) come with scikit-learn, so nothing is downloaded.

    python examples/digits.py
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import nn
from mlestim.optim import Adam

EPOCHS, BATCH, HIDDEN, CLASSES = 30, 32, 128, 10


def build(n_features: int, rng: np.random.Generator) -> nn.Sequential:
    """One hidden layer, normalized over the batch, some of it dropped while learning."""
    ones, zeros = np.ones(HIDDEN, np.float32), np.zeros(HIDDEN, np.float32)
    return nn.Sequential(
        nn.Affine.initialized(n_features, HIDDEN, rng),
        nn.BatchNorm(gamma=ones, beta=zeros),
        nn.ReLU(),
        nn.Dropout(0.3, rng),
        nn.Affine.initialized(HIDDEN, CLASSES, rng),
    )


def train(network: nn.Sequential, x: np.ndarray, t: np.ndarray, rng: np.random.Generator) -> None:
    """Maximise the likelihood of the labels `t` by Adam on batches in random order."""
    loss, optimizer = nn.SoftmaxWithLoss(), Adam(learning_rate=2e-3)
    n_batches = len(x) // BATCH
    for epoch in range(1, EPOCHS + 1):
        total = 0.0
        for rows in np.array_split(rng.permutation(len(x)), n_batches):
            logits = network.forward(x[rows], training=True)
            total += loss.forward(logits, t[rows])
            network.backward(loss.backward())
            optimizer.step(network.parameters, network.gradient)
        if epoch == 1 or epoch % 10 == 0:
            print(f"epoch {epoch:2d}: mean loss {total / n_batches:.4f}")


def main() -> None:
    """Learn from three quarters of the images, and read the rest."""
    rng = np.random.default_rng(0)
    images, labels = load_digits(return_X_y=True)
    pixels = (images / 16).astype(np.float32)
    x, x_new, t, t_new = train_test_split(pixels, labels, stratify=labels, random_state=0)

    network = build(x.shape[1], rng)
    train(network, x, t, rng)

    logits = network.forward(x_new)
    accuracy = (logits.argmax(axis=1) == t_new).mean()
    cross_entropy = nn.SoftmaxWithLoss().forward(logits, t_new)
    print(f"{len(t_new)} new digits: accuracy {accuracy:.2%}, loss {cross_entropy:.4f}")


if __name__ == "__main__":
    main()
