"""The rulebook: YAML files become checked, frozen rules and one prefilter."""
