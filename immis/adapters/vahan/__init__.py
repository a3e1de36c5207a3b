"""VAHAN, the Union's register of vehicles: class, weights and papers of one by its mark (E-150)."""
