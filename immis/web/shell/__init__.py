"""What every page shares: who may open it, navigation, components, tags, forms, exports, errors, words of values."""
