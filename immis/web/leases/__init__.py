"""Pages of settlements: path, life, clearances, holds, prices, ghats."""
