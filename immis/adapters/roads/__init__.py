"""The road between two places, as trucks take it: embedded over a road file, or asked of Valhalla or OSRM."""
