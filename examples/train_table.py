"""Train on a table as it comes: numbers, categories and gaps; then save, load and look inside.

The penguins of the Palmer Archipelago are in `examples/data`.

    python examples/train_table.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

import nn

PENGUINS = Path(__file__).parent / "data" / "penguins.csv"


def main() -> None:
    """Tell the species by place, size and sex; then predict the mass as a distribution."""
    penguins = pd.read_csv(PENGUINS)
    learned, new = train_test_split(penguins, stratify=penguins["species"], random_state=0)

    # Sizes are missing for two penguins, the sex of eleven is not known: no matter.
    features = ["island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "sex"]
    species = nn.Classifier(random_state=0).fit(learned[features], learned["species"])
    print(f"species: {species.score(new[features], new['species']):.1%} of {len(new)} right")
    print(species.permutation_importance(new[features], new["species"], random_state=0).round(3))

    path = Path(tempfile.mkdtemp()) / "species.safetensors"
    nn.save(species, path)
    probabilities = nn.load(path).predict_proba(new[features].head(1))[0].round(3)
    print(
        f"\nthe first: {dict(zip(species.classes_.tolist(), probabilities.tolist(), strict=True))}"
    )

    learned, new = (part.dropna(subset="body_mass_g") for part in (learned, new))
    features.append("species")
    mass = nn.Regressor("normal", random_state=0).fit(learned[features], learned["body_mass_g"])
    rows = mass.predict_distribution(new[features])
    lower, upper = rows.ppf([0.05] * len(new)), rows.ppf([0.95] * len(new))
    inside = new["body_mass_g"].between(lower, upper).mean()
    print(f"mass: R² {mass.score(new[features], new['body_mass_g']):.2f};", end=" ")
    print(f"{inside:.0%} of the new penguins are inside their 90 % interval")


if __name__ == "__main__":
    main()
