"""SARATHI, the Union's register of driving licences: classes and ends of one by its number (E-128)."""
